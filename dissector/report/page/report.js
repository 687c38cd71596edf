// Draws the story that the page carries (schema seqwire.report/1, docs/report.md). uPlot gives axes, zoom and cursor; the
// packets themselves are drawn here, since a time-sequence graph is no line through points.
"use strict";
(() => {
const byId = (id) => document.getElementById(id);
const story = JSON.parse(byId("story").textContent);
const told = story.analysis;

// ---- The story's columns ----

const kinds = {system: 0, data: 1, resent: 2, copied: 3, repeated: 4};
const causes = ["after repeated acknowledgements", "repair", "timeout", "unknown cause"];
const longColumns = ["at", "frame", "number", "packet"];  // kept as differences

function summed(differences) {
  const values = new Float64Array(differences.length);
  let value = 0;
  for (let i = 0; i < differences.length; ++i) values[i] = value += differences[i];
  return values;
}

function scaled(values, factor) {
  for (let i = 0; i < values.length; ++i) values[i] *= factor;
  return values;
}

const seconds = (nanoseconds) => scaled(nanoseconds, 1e-9);
const milliseconds = (line) => ({at: seconds(summed(line.at)), value: scaled(summed(line.value), 1e-6)});
const numbers = (line) => ({at: seconds(summed(line.at)), value: summed(line.value)});

const decodedViews = new Map();
function viewOf(connection, view) {
  const key = connection + ":" + view;
  if (!decodedViews.has(key)) {
    const stored = story.connections[connection].views[view];
    const columns = {...stored};
    for (const name of longColumns) columns[name] = summed(stored[name]);
    seconds(columns.at);
    decodedViews.set(key, columns);
  }
  return decodedViews.get(key);
}

const kindOf = (mark) => mark & 7;
const causeOf = (mark) => (mark >> 3) & 3;
const sideOf = (mark) => (mark >> 5) & 1;
const isLost = (mark) => (mark & 64) !== 0;
const endsRecord = (mark) => (mark & 128) !== 0;
const isAttention = (mark) => (mark & 256) !== 0;

// The sightings of one direction that are of a kind, as a layer has them.
function chosen(view, side, wanted) {
  const rows = [];
  for (let i = 0; i < view.mark.length; ++i)
    if (sideOf(view.mark[i]) === side && wanted(view.mark[i], i)) rows.push(i);
  const at = new Float64Array(rows.length), value = new Float64Array(rows.length);
  rows.forEach((row, i) => { at[i] = view.at[row]; value[i] = view.number[row]; });
  return {at, value, rows};
}

// A run's own times count from its beginning; a capture's from its first packet or, on a real clock, from 1970.
const runBegin = story.begin_ns > 1e17 ? 0 : story.begin_ns / 1e9;
const measured = (series) => ({at: Float64Array.from(series.at, (at) => at - runBegin), value: series.value});

// ---- Words ----

function inUnit(value, unit) {
  if (!Number.isFinite(value)) return "–";
  const digits = (number) => Number(number.toPrecision(5)).toString();
  if (unit !== "octets/s") return digits(value) + (unit ? " " + unit : "");
  const steps = [[1e9, "GB/s"], [1e6, "MB/s"], [1e3, "kB/s"], [1, "B/s"]];
  const [size, name] = steps.find(([each]) => value >= each) || steps[3];
  return digits(value / size) + " " + name;
}
const inSeconds = (at) => at.toFixed(6) + " s";
const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

function wordsOf(view, row) {
  const mark = view.mark[row];
  const words = [];
  if (isAttention(mark)) words.push("attention");
  if (view.type[row] === 254) words.push("close request");
  if (view.type[row] === 255) words.push("close reply");
  const kind = kindOf(mark);
  if (kind === kinds.system) words.push("system packet");
  if (kind === kinds.resent) words.push("sent again, " + causes[causeOf(mark)]);
  if (kind === kinds.copied) words.push("doubled by the network");
  if (kind === kinds.repeated) words.push("repeated, undecided which");
  if (isLost(mark)) words.push("lost on the link");
  return words.length === 0 ? "data" : words.join(", ");
}

function describe(view, row) {
  const mark = view.mark[row];
  const lines = [`number ${view.number[row]}: ${wordsOf(view, row)}`,
                 `frame ${view.frame[row]} at ${inSeconds(view.at[row])}`];
  if (view.repeats[row] !== 0) lines.push(`repeats frame ${view.repeats[row]}`);
  if (kindOf(mark) !== kinds.system)
    lines.push(`${counted(view.octets[row], "octet")}${endsRecord(mark) ? ", ends its record" : ""}`);
  lines.push(`acknowledges below ${view.acknowledgement[row]}, allows ${view.allocation[row]}`);
  return lines.join("\n");
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// ---- Drawing ----

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

// The first index whose time is not before `at`.
function lowerBound(times, at) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const symbols = {
  tick(pen, x, y, top, size) { pen.fillRect(x - size / 2, top, size, Math.max(y - top, size)); },
  flag(pen, x, y, top, size) {
    pen.fillRect(x - size / 2, top, size, Math.max(y - top, size));
    pen.beginPath();
    pen.moveTo(x - 3 * size, top - 4 * size);
    pen.lineTo(x + 3 * size, top - 4 * size);
    pen.lineTo(x, top);
    pen.fill();
  },
  cross(pen, x, y, top, size) {
    const middle = (y + top) / 2;
    pen.beginPath();
    for (const way of [-1, 1]) {
      pen.moveTo(x - 3 * size, middle - 3 * size * way);
      pen.lineTo(x + 3 * size, middle + 3 * size * way);
    }
    pen.stroke();
  },
  ring(pen, x, y, top, size) {
    pen.beginPath();
    pen.arc(x, (y + top) / 2, 3 * size, 0, 2 * Math.PI);
    pen.stroke();
  },
  dot(pen, x, y, top, size) { pen.fillRect(x - size, y - size, 2 * size, 2 * size); },
};

class Plot {
  constructor(into, settings, range) {
    this.settings = settings;
    this.range = range;
    this.layers = settings.layers.filter((layer) => layer.at.length > 0);
    this.layers.forEach((layer) => { layer.shown = true; });
    this.figure = element("figure", {"data-plot": settings.id});
    const caption = element("figcaption", {}, settings.title, element("span", {class: "about"}, settings.about));
    this.keys = element("div", {class: "keys", role: "group", "aria-label": "Layers of " + settings.title});
    this.surface = element("div", {class: "plot", tabindex: "0", role: "group", "aria-roledescription": "plot",
                                   "aria-label": `${settings.title}. ${settings.about}`});
    this.tip = element("div", {class: "tip", hidden: ""});
    this.figure.append(caption, this.keys, this.surface, this.tip);
    into.append(this.figure);
    this.layers.forEach((layer) => this.addKey(layer));
    this.surface.addEventListener("keydown", (event) => this.onKey(event));
    this.make();
  }

  addKey(layer) {
    const key = element("button", {type: "button", "aria-pressed": "true"});
    const shape = {step: "M0 9H7V3H14", dot: "M5 4h4v4h-4z", cross: "M3 2l8 8M11 2l-8 8", ring: "M4 6a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
                   tick: "M7 1v10", flag: "M7 11v-6M3 1h8l-4 5z"}[layer.shape];
    key.innerHTML = `<svg viewBox="0 0 14 12" aria-hidden="true"><path d="${shape}" fill="none" stroke-width="2"
      style="stroke:var(--${layer.colour})"/></svg>`;
    key.append(`${layer.name} (${layer.count ?? layer.at.length.toLocaleString("en")})`);
    key.addEventListener("click", () => {
      layer.shown = !layer.shown;
      key.setAttribute("aria-pressed", String(layer.shown));
      this.redraw();
    });
    this.keys.append(key);
  }

  make() {
    const {settings} = this;
    const axis = {stroke: style("soft"), grid: {stroke: style("rule"), width: 1}, ticks: {stroke: style("rule")}};
    this.plot = new uPlot({
      width: this.width(), height: settings.height || 220,
      legend: {show: false},
      cursor: {sync: {key: "time"}, points: {show: false}, drag: {x: true, y: false, setScale: false}},
      scales: {x: {time: false, range: () => [this.range.from, this.range.to]}, y: {range: () => this.heights()}},
      axes: [{...axis, values: (_, splits) => splits.map((at) => Number(at.toPrecision(9)) + " s")},
             {...axis, size: 84, values: (_, splits) => splits.map((value) => inUnit(value, settings.unit))}],
      series: [{}, {show: true}],
      hooks: {
        draw: [() => this.draw()],
        setCursor: [() => this.point()],
        setSelect: [(plot) => {
          if (plot.select.width < 3) return;
          const from = plot.posToVal(plot.select.left, "x");
          const to = plot.posToVal(plot.select.left + plot.select.width, "x");
          plot.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
          this.range.set(from, to);
        }],
      },
    }, [[0, this.range.end], [0, 0]], this.surface);
    this.plot.over.addEventListener("dblclick", () => this.range.set(0, this.range.end));
    this.plot.over.addEventListener("mouseleave", () => { this.tip.hidden = true; });
  }

  width() { return Math.max(this.surface.clientWidth, 320); }

  // What is to be seen at once, with a little air.
  heights() {
    let low = Infinity, high = -Infinity;
    for (const layer of this.layers) {
      if (!layer.shown) continue;
      const first = Math.max(lowerBound(layer.at, this.range.from) - (layer.shape === "step" ? 1 : 0), 0);
      for (let i = first; i < layer.at.length && layer.at[i] <= this.range.to; ++i) {
        const value = layer.value[i];
        if (value === null || !Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    if (low > high) return [0, 1];
    if (this.settings.fromZero) low = Math.min(low, 0);
    const air = Math.max((high - low) * 0.05, this.settings.unit === "" ? 1 : high * 0.05 || 1e-9);
    return [this.settings.fromZero ? low : low - air, high + air];
  }

  draw() {
    const {ctx: pen, bbox, scales} = this.plot;
    const across = bbox.width / (scales.x.max - scales.x.min), up = bbox.height / (scales.y.max - scales.y.min);
    const place = {
      x: (at) => bbox.left + (at - scales.x.min) * across,
      y: (value) => bbox.top + bbox.height - (value - scales.y.min) * up,
    };
    pen.save();
    pen.beginPath();
    pen.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    pen.clip();
    for (const layer of this.layers) {
      if (!layer.shown) continue;
      pen.fillStyle = pen.strokeStyle = style(layer.colour);
      if (layer.shape === "step") this.drawSteps(pen, layer, place);
      else this.drawSymbols(pen, layer, place);
    }
    pen.restore();
  }

  drawSteps(pen, layer, place) {
    pen.lineWidth = 1.5 * devicePixelRatio;
    pen.beginPath();
    let height = null;  // of the line so far
    let column = null;  // steps within one pixel become one stroke from the lowest to the highest
    const finishColumn = () => {
      if (column === null) return;
      pen.lineTo(column.x, column.low);
      pen.lineTo(column.x, column.high);
      pen.lineTo(column.x, height);
      column = null;
    };
    for (let i = Math.max(lowerBound(layer.at, this.range.from) - 1, 0); i < layer.at.length; ++i) {
      if (layer.at[i] > this.range.to) break;
      const value = layer.value[i], x = place.x(layer.at[i]), y = value === null ? null : place.y(value);
      if (y === null || height === null) {
        finishColumn();
        if (height !== null) pen.lineTo(x, height);
        if (y !== null) pen.moveTo(x, y);
      } else {
        if (column !== null && x - column.x >= 0.5) finishColumn();
        if (column === null) {
          pen.lineTo(x, height);
          column = {x, low: height, high: height};
        }
        column.low = Math.min(column.low, y);
        column.high = Math.max(column.high, y);
      }
      height = y;
    }
    finishColumn();
    if (height !== null) pen.lineTo(place.x(this.range.to), height);
    pen.stroke();
  }

  drawSymbols(pen, layer, place) {
    const first = lowerBound(layer.at, this.range.from), behind = lowerBound(layer.at, this.range.to + 1e-12);
    const crowded = behind - first > 1500;
    const draw = crowded && layer.shape !== "tick" ? symbols.dot : symbols[layer.shape];
    const size = devicePixelRatio * (behind - first < 400 ? 2 : crowded ? 0.8 : 1.2);
    pen.lineWidth = size;
    let lastX = NaN, lastY = NaN;
    for (let i = first; i < behind; ++i) {
      if (!Number.isFinite(layer.value[i])) continue;
      const x = Math.round(place.x(layer.at[i])), y = Math.round(place.y(layer.value[i]));
      if (x === lastX && y === lastY) continue;  // the same pixel
      draw(pen, x, y, Math.min(place.y(layer.value[i] + (layer.extent || 0)), y), size);
      lastX = x;
      lastY = y;
    }
  }

  // What is nearest to the cursor, in words.
  point() {
    const {cursor, bbox} = this.plot;
    if (cursor.left === undefined || cursor.left < 0 || !this.surface.matches(":hover")) {
      this.tip.hidden = true;
      return;
    }
    const at = this.plot.posToVal(cursor.left, "x");
    const lines = [];
    let best = null;
    const reach = (this.range.to - this.range.from) * 12 * devicePixelRatio / bbox.width;
    for (const layer of this.layers) {
      if (!layer.shown) continue;
      if (layer.shape === "step") {
        const index = lowerBound(layer.at, at + 1e-12) - 1;
        if (index >= 0) lines.push(`${layer.name}: ${inUnit(layer.value[index] ?? NaN, this.settings.unit)}`);
        continue;
      }
      const behind = lowerBound(layer.at, at + reach);
      for (let i = lowerBound(layer.at, at - reach); i < behind; ++i) {
        const distance = Math.hypot(this.plot.valToPos(layer.at[i], "x") - cursor.left,
                                    this.plot.valToPos(layer.value[i] + (layer.extent || 0) / 2, "y") - cursor.top);
        if (distance < 14 && (best === null || distance <= best.distance)) best = {distance, layer, index: i};
      }
    }
    if (best !== null)
      lines.unshift(best.layer.describe ? best.layer.describe(best.index) :
          `${best.layer.name}: ${inUnit(best.layer.value[best.index], this.settings.unit)} at ${inSeconds(best.layer.at[best.index])}`);
    this.tip.textContent = (best === null ? inSeconds(at) + "\n" : "") + lines.join("\n");
    this.tip.hidden = false;
    const beyond = cursor.left > this.width() / 2;
    this.tip.style.left = `${this.surface.offsetLeft + 84 + cursor.left + (beyond ? -12 : 12)}px`;
    this.tip.style.transform = beyond ? "translateX(-100%)" : "";
    this.tip.style.top = `${this.surface.offsetTop + cursor.top + 16}px`;
  }

  onKey(event) {
    const {from, to} = this.range, span = to - from;
    const moves = {
      ArrowLeft: () => this.range.set(from - span / 5, to - span / 5),
      ArrowRight: () => this.range.set(from + span / 5, to + span / 5),
      "+": () => this.range.set(from + span / 4, to - span / 4),
      "=": () => this.range.set(from + span / 4, to - span / 4),
      "-": () => this.range.set(from - span / 2, to + span / 2),
      "0": () => this.range.set(0, this.range.end),
    };
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key]();
  }

  redraw() { this.plot.setScale("x", {min: this.range.from, max: this.range.to}); }
  restyle() { this.plot.destroy(); this.make(); }
  resize() { if (this.plot.width !== this.width()) this.plot.setSize({width: this.width(), height: this.plot.height}); }
}

// The span of time that all plots show.
class Range {
  constructor(end) {
    this.end = Math.max(end, 1e-6);
    this.from = 0;
    this.to = this.end;
    this.watchers = [];
  }
  set(from, to) {
    const span = Math.min(Math.max(to - from, 1e-7), this.end);
    this.from = Math.min(Math.max(from, 0), this.end - span);
    this.to = this.from + span;
    this.watchers.forEach((each) => each());
  }
}

// ---- What is plotted ----

function inFlight(data, acknowledged) {
  const at = [], value = [];
  let low = acknowledged.value.length > 0 ? acknowledged.value[0] : data.value[0];
  let high = low, next = 0;
  const note = (when) => { at.push(when); value.push(Math.max(high - low, 0)); };
  for (let i = 0; i < data.at.length; ++i) {
    for (; next < acknowledged.at.length && acknowledged.at[next] <= data.at[i]; ++next) {
      low = acknowledged.value[next];
      note(acknowledged.at[next]);
    }
    high = Math.max(high, data.value[i] + 1);
    note(data.at[i]);
  }
  for (; next < acknowledged.at.length; ++next) {
    low = acknowledged.value[next];
    note(acknowledged.at[next]);
  }
  return {at: Float64Array.from(at), value: Float64Array.from(value)};
}

function rates(view, rows, end) {
  const bins = 200, width = end / bins;
  const sums = new Float64Array(bins + 1), at = new Float64Array(bins + 1);
  for (const row of rows) sums[Math.min(Math.floor(view.at[row] / width), bins - 1)] += view.octets[row] / width;
  for (let i = 0; i <= bins; ++i) at[i] = i * width;
  return {at, value: sums};
}

function timeSequence(view, side, lines) {
  const layer = (name, colour, shape, wanted) => {
    const rows = chosen(view, side, wanted);
    return {name, colour, shape, extent: 1, ...rows, describe: (i) => describe(view, rows.rows[i])};
  };
  const numbered = (mark) => kindOf(mark) !== kinds.system;
  const layers = [
    {name: "allowed up to", colour: "allowed", shape: "step", ...lines.allowed, count: counted(lines.allowed.at.length, "step")},
    {name: "acknowledged below", colour: "acknowledged", shape: "step", ...lines.acknowledged,
     count: counted(lines.acknowledged.at.length, "step")},
    layer("data", "data", "tick", (mark) => kindOf(mark) === kinds.data),
    layer("sent again", "resent", "flag", (mark) => kindOf(mark) === kinds.resent),
    layer("doubled by the network", "copied", "ring", (mark) => kindOf(mark) === kinds.copied),
    layer("repeated, undecided", "repeated", "ring", (mark) => kindOf(mark) === kinds.repeated),
    layer("lost on the link", "lost", "cross", (mark) => isLost(mark) && numbered(mark)),
  ];
  const [, , data, resent, , , lost] = layers;
  return {id: "time-sequence", title: "Time and sequence", unit: "", height: 420, layers,
          about: `${counted(data.at.length, "number")}, ${resent.at.length.toLocaleString("en")} sent again, ` +
                 `${lost.at.length.toLocaleString("en")} lost on the link, seen here.`};
}

const palette = ["data", "resent", "acknowledged", "allowed", "copied", "repeated"];

function seriesPlots() {
  const groups = new Map();
  for (const series of story.series) {
    const measure = series.name.slice(series.name.lastIndexOf(".") + 1);
    if (!groups.has(measure)) groups.set(measure, []);
    groups.get(measure).push(series);
  }
  return [...groups].map(([measure, all]) => ({
    id: "series-" + measure, title: measure.replaceAll("_", " "), unit: " ", fromZero: true,
    about: "As the scenario asked to have it measured.",
    layers: all.map((series, i) =>
        ({name: series.name, colour: palette[i % palette.length], shape: "step", ...measured(series)})),
  }));
}

function spread(values, unit) {
  if (values.length === 0) return "None was measured.";
  const sorted = Float64Array.from(values).sort();
  const at = (share) => inUnit(sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)], unit);
  return `${counted(sorted.length, "sample")}: ${at(0)} at least, ${at(0.5)} in the median, ${at(0.99)} at 99 %, ${at(1)} at most.`;
}

function plotsOf(choice) {
  const {connection, side, view: viewIndex} = choice;
  const view = viewOf(connection, viewIndex);
  const stored = view.sides[side];
  const passage = story.connections[connection].passages[side];
  const lines = {acknowledged: numbers(stored.acknowledged), allowed: numbers(stored.allowed)};
  const data = chosen(view, side, (mark) => kindOf(mark) === kinds.data);
  const all = chosen(view, side, (mark) => kindOf(mark) !== kinds.system);
  const flight = inFlight(data, lines.acknowledged);
  const roundTrip = milliseconds(stored.round_trip), delay = milliseconds(passage.delay);
  const latency = milliseconds(passage.latency);
  const metric = (name) => passage.metrics.find((each) => each.name === name);
  const windows = [{name: "in flight", colour: "in-flight", shape: "step", ...flight, count: "here"}];
  for (const [name, words, colour] of [["congestion_window", "congestion window", "congestion"],
                                       ["allocation", "allowed by the peer", "allowed"]])
    if (metric(name)) windows.push({name: words, colour, shape: "step", ...measured(metric(name)), count: "from qlog"});
  const dots = (id, title, line, colour, name) =>
      ({id, title, unit: "ms", fromZero: true, about: spread(line.value, "ms"),
        layers: [{name, colour, shape: "dot", ...line}]});
  const length = story.length_ns / 1e9;
  return [
    timeSequence(view, side, lines),
    {id: "windows", title: "Windows, in packets", unit: "", fromZero: true, layers: windows,
     about: "Sent and not acknowledged as this vantage point sees it; what congestion control permits where the run kept its events."},
    {id: "throughput", title: "Throughput", unit: "octets/s", fromZero: true,
     about: "Octets of data in intervals of 1/200 of the whole.",
     layers: [{name: "all, sent again included", colour: "resent", shape: "step", ...rates(view, all.rows, length), count: "200"},
              {name: "first time", colour: "data", shape: "step", ...rates(view, data.rows, length), count: "200"}]},
    dots("round-trip", "Round trips, from here and back", roundTrip, "data", "round trip"),
    dots("delay", "One way, from leaving to arriving", delay, "allowed", "on the way"),
    dots("latency", "Records, from their first packet until all of them had come in order", latency, "copied", "record"),
    ...seriesPlots(),
  ].filter((plot) => plot.layers.some((layer) => layer.at.length > 0));
}

// ---- Tables ----

const eventFilters = [
  ["sent again", (mark) => kindOf(mark) === kinds.resent],
  ["doubled by the network", (mark) => kindOf(mark) === kinds.copied],
  ["repeated, undecided", (mark) => kindOf(mark) === kinds.repeated],
  ["lost on the link", (mark) => isLost(mark)],
  ["attention", (mark) => isAttention(mark)],
  ["close", (mark, type) => kindOf(mark) === kinds.data && type >= 254],
];

class Events {
  constructor(show) {
    this.show = show;
    this.active = new Set(eventFilters.keys());
    this.page = 100;
    eventFilters.forEach(([name], index) => {
      const button = element("button", {type: "button", "aria-pressed": "true"}, name);
      button.addEventListener("click", () => {
        if (!this.active.delete(index)) this.active.add(index);
        button.setAttribute("aria-pressed", String(this.active.has(index)));
        this.list();
      });
      byId("filters").append(button);
    });
    byId("more").addEventListener("click", () => { this.page += 400; this.list(); });
  }

  of(choice) {
    this.choice = choice;
    this.page = 100;
    this.list();
  }

  list() {
    const view = viewOf(this.choice.connection, this.choice.view);
    const wanted = (mark, row) =>
        [...this.active].some((index) => eventFilters[index][1](mark, view.type[row]));
    const {rows} = chosen(view, this.choice.side, wanted);
    const shown = rows.slice(0, this.page);
    byId("events-about").textContent = rows.length === 0 ? "Nothing of this kind in this direction." :
        `${counted(rows.length, "event")}${rows.length > shown.length ? `, the first ${shown.length} are listed` : ""}.`;
    byId("more").hidden = rows.length === shown.length;
    const body = element("tbody");
    for (const row of shown) {
      const zoom = element("button", {type: "button", title: "Show it in the plots"}, inSeconds(view.at[row]));
      zoom.addEventListener("click", () => this.show(view.at[row]));
      body.append(element("tr", {}, element("td", {}, zoom), element("td", {class: "number"}, String(view.frame[row])),
                          element("td", {class: "number"}, String(view.number[row])), element("td", {}, wordsOf(view, row)),
                          element("td", {class: "number"}, view.repeats[row] ? String(view.repeats[row]) : "")));
    }
    const head = element("thead", {}, element("tr", {}, ...[["Time"], ["Frame", "number"], ["Number", "number"], ["What"],
        ["Repeats frame", "number"]].map(([name, kind]) => element("th", {scope: "col", class: kind || ""}, name))));
    byId("events").replaceChildren(head, body);
  }
}

// Nested objects as rows of words and numbers.
function flattened(object, before = "") {
  const rows = [];
  for (const [key, value] of Object.entries(object)) {
    const nanoseconds = key.endsWith("_ns");
    const name = (before + " " + key.replace(/_ns$/, "").replaceAll("_", " ")).trim();
    if (value !== null && typeof value === "object")
      rows.push(...flattened(value, name).map(([words, inner]) =>
          [words, nanoseconds && typeof inner === "number" && !words.endsWith(" count") ? inner / 1e6 + " ms" : inner]));
    else rows.push([name, nanoseconds && typeof value === "number" ? value / 1e6 + " ms" : value]);
  }
  return rows;
}

function summaryTable(choice) {
  const views = told.connections[choice.connection].views;
  const columns = views.map((view) => new Map(flattened(view[wayOf(choice.side)])));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const head = element("thead", {}, element("tr", {}, element("th", {scope: "col"}, "At"),
      ...views.map((view) => element("th", {scope: "col", class: "number"}, view.interface))));
  const cell = (value) => element("td", {class: "number"},
      value === undefined || value === null ? "" : typeof value === "number" ? inUnit(value, "") : String(value));
  const body = element("tbody", {}, ...names.map((name) =>
      element("tr", {}, element("th", {scope: "row"}, name), ...columns.map((column) => cell(column.get(name))))));
  byId("summary").replaceChildren(head, body);
}

function rulesTable() {
  const body = element("tbody");
  for (const rule of story.verdict.rules) {
    const said = rule.violations.map((each) => each.sentence).concat(rule.doubts.map((each) => each.sentence));
    body.append(element("tr", {}, element("th", {scope: "row"}, `${rule.number} ${rule.name}`),
        element("td", {class: rule.outcome}, rule.outcome), element("td", {class: "number"}, rule.checks.toLocaleString("en")),
        element("td", {}, said.length > 0 ? said.join("; ") : rule.reason || rule.statement)));
  }
  const head = element("thead", {}, element("tr", {},
      ...["Rule", "Outcome", "Applied", "What it says, or why"].map((name) => element("th", {scope: "col"}, name))));
  byId("rules").replaceChildren(head, body);
}

// ---- The sequence diagram ----

const mostArrows = 120;

// Where the packets of a view are found again by their ids.
function rowsById(view) {
  if (!view.byId) {
    view.byId = new Map();
    for (let row = 0; row < view.packet.length; ++row) {
      if (view.packet[row] < 0) continue;
      if (!view.byId.has(view.packet[row])) view.byId.set(view.packet[row], []);
      view.byId.get(view.packet[row]).push(row);
    }
  }
  return view.byId;
}

// The first packets of the span, each with all its sightings in order.
function packetsOf(views, range) {
  const packets = new Map();
  views.forEach((view, index) => {
    const begin = lowerBound(view.at, range.from);
    for (let row = begin; row < view.at.length && view.at[row] <= range.to && row - begin <= mostArrows; ++row) {
      const id = view.packet[row];
      if (packets.has(id)) continue;
      if (id < 0) packets.set(`${index}:${row}`, [{view: index, row, at: view.at[row]}]);
      else packets.set(id, views.flatMap((each, place) =>
          (rowsById(each).get(id) || []).map((found) => ({view: place, row: found, at: each.at[found]}))));
    }
  });
  return [...packets.values()].map((seen) => seen.sort((a, b) => a.at - b.at || a.view - b.view))
      .filter((seen) => seen[0].at <= range.to).sort((a, b) => a[0].at - b[0].at);
}

function drawSequence(choice, range) {
  const views = story.connections[choice.connection].views.map((_, index) => viewOf(choice.connection, index));
  const names = told.connections[choice.connection].views.map((view) => view.interface);
  const first = story.connections[choice.connection].passages[0].from;
  const order = views.map((_, index) => index).sort((a, b) => (a === first ? -1 : b === first ? 1 : a - b));
  if (order.length === 1) names.push("the other end");
  const found = packetsOf(views, range), drawn = found.slice(0, mostArrows);
  byId("sequence-about").textContent = drawn.length === 0 ? "No packets in the span of time that the plots show." :
      drawn.length < found.length ? `The first ${drawn.length} packets of the span that the plots show; zoom in for others.` :
      `All ${counted(drawn.length, "packet")} of the span that the plots show.`;
  byId("sequence").replaceChildren();
  if (drawn.length > 0) byId("sequence").append(ladderOf(drawn, order, names, views));
}

const svgNamespace = "http://www.w3.org/2000/svg";
function shape(name, attributes, text) {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function ladderOf(drawn, order, names, views) {
  // A row for each sighting, in order: on a scale of time most packets would lie on one another.
  const rows = drawn.flat().sort((a, b) => a.at - b.at);
  const rowOf = new Map(rows.map((each, index) => [each, index]));
  const step = 18, top = 40, width = 960, left = 150, lanes = Math.max(order.length, 2);
  const laneX = (lane) => left + lane * (width - left - 110) / (lanes - 1);
  const rowY = (each) => top + 14 + rowOf.get(each) * step;
  const height = top + 30 + rows.length * step;
  const svg = shape("svg", {viewBox: `0 0 ${width} ${height}`, role: "img",
                            "aria-label": `${drawn.length} packets between ${names.join(" and ")}; the table below lists what deserves a look`});
  for (let lane = 0; lane < lanes; ++lane) {
    svg.append(shape("line", {class: "life", x1: laneX(lane), x2: laneX(lane), y1: top, y2: height - 8}));
    svg.append(shape("text", {x: laneX(lane), y: 24, "text-anchor": "middle", "font-weight": 600}, names[order[lane] ?? order.length]));
  }
  rows.forEach((each, index) => {
    if (index === 0 || rows[index - 1].at !== each.at)
      svg.append(shape("text", {class: "time", x: 8, y: rowY(each) + 4}, inSeconds(each.at)));
  });
  for (const seen of drawn) drawArrows(svg, seen, {order, views, laneX, rowY, lanes});
  return svg;
}

function drawArrows(svg, seen, {order, views, laneX, rowY, lanes}) {
  const from = seen[0], view = views[from.view], mark = view.mark[from.row];
  const kind = kindOf(mark), laneFrom = order.indexOf(from.view);
  const colour = `var(--${isLost(mark) ? "lost" : ["soft", "data", "resent", "copied", "repeated"][kind]})`;
  const label = kind === kinds.system ? `ack ${view.acknowledgement[from.row]}, allows ${view.allocation[from.row]}` :
      `${view.number[from.row]}${kind === kinds.data ? "" : " " + wordsOf(view, from.row)}`;
  const elsewhere = seen.filter((each) => each.view !== from.view);
  const targets = elsewhere.length > 0 ? elsewhere : [null];
  for (const to of targets) {
    const laneTo = to ? order.indexOf(to.view) : lanes === 2 ? 1 - laneFrom : Math.min(laneFrom + 1, lanes - 1);
    const x1 = laneX(laneFrom), y1 = rowY(from);
    const halfway = to === null && (isLost(mark) || order.length > 1);
    const x2 = halfway ? (x1 + laneX(laneTo)) / 2 : laneX(laneTo), y2 = to ? rowY(to) : y1;
    const way = Math.sign(x2 - x1);
    svg.append(shape("line", {x1, y1, x2, y2, style: `stroke:${colour};stroke-width:1.5`}));
    if (halfway) svg.append(shape("path", {d: `M${x2 - 5} ${y2 - 5}l10 10m0 -10l-10 10`, style: `stroke:${colour};stroke-width:2`}));
    else svg.append(shape("path", {d: `M${x2} ${y2}l${-8 * way} -4v8z`, style: `fill:${colour}`}));
    if (to === targets[0])
      svg.append(shape("text", {x: x1 + 8 * way, y: y1 - 3, "text-anchor": way > 0 ? "start" : "end"}, label));
  }
}

// ---- The page ----

const nameOfEnd = (end) => `${end.host}:${end.socket}`;

function fill(select, names, value) {
  select.replaceChildren(...names.map((name, index) => element("option", {value: index}, name)));
  select.value = value;
}

const range = new Range(story.length_ns / 1e9);
const choice = {connection: 0, side: 0, view: 0};
let plots = [];
const events = new Events((at) => {
  const span = Math.min(range.end / 50, range.to - range.from);
  range.set(at - span / 2, at + span / 2);
  byId("plots").scrollIntoView({block: "start"});
});

function showHeader() {
  const names = told.files.map((file) => file.slice(file.lastIndexOf("/") + 1));
  byId("title").textContent = names.join(", ");
  document.title = `${names.join(", ")} – seqwire report`;
  const came = (outcome) => story.verdict.rules.filter((rule) => rule.outcome === outcome).length;
  byId("verdict").className = story.verdict.conclusion;
  byId("verdict").textContent = `Verdict: ${story.verdict.conclusion}. ${counted(came("held"), "rule")} held, ` +
      `${came("violated")} violated, ${came("not decidable")} not decidable.`;
  const holes = told.holes.length > 0 ? " The captures are not whole: " + told.holes.join("; ") + "." : "";
  byId("facts").textContent = `${counted(told.frames, "frame")}, ${counted(told.connections.length, "connection")}, ` +
      `${(story.length_ns / 1e9).toFixed(3)} s.${holes}`;
}

const wayOf = (side) => side === 0 ? "first_to_second" : "second_to_first";
const octetsOf = (connection, side) => Math.max(...connection.views.map((view) => view[wayOf(side)].data_octets));

function showConnection() {
  const connection = told.connections[choice.connection];
  const ends = [nameOfEnd(connection.first), nameOfEnd(connection.second)];
  choice.side = octetsOf(connection, 1) > octetsOf(connection, 0) ? 1 : 0;
  fill(byId("side"), [`${ends[0]} to ${ends[1]}`, `${ends[1]} to ${ends[0]}`], choice.side);
  showSide();
}

function showSide() {
  const connection = told.connections[choice.connection];
  choice.view = story.connections[choice.connection].passages[choice.side].from ?? 0;
  fill(byId("view"), connection.views.map((view) => `${view.interface} (${view[wayOf(choice.side)].seen})`), choice.view);
  showView();
}

function showView() {
  plots.forEach((plot) => plot.plot.destroy());
  byId("plots").replaceChildren();
  plots = plotsOf(choice).map((settings) => new Plot(byId("plots"), settings, range));
  events.of(choice);
  summaryTable(choice);
  drawSequence(choice, range);
}

function useTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").setAttribute("aria-pressed", String(dark));
  plots.forEach((plot) => plot.restyle());
}

let pending = 0;
range.watchers.push(() => {
  plots.forEach((plot) => plot.redraw());
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(() => drawSequence(choice, range));
});

useTheme(matchMedia("(prefers-color-scheme: dark)").matches);
showHeader();
rulesTable();
if (told.connections.length === 0) {
  byId("plots").append(element("p", {}, "There is no connection in these captures."));
} else {
  fill(byId("connection"), told.connections.map((each, index) =>
      `${index}: ${nameOfEnd(each.first)} to ${nameOfEnd(each.second)}, ${each.ending}`), 0);
  // The one that carries most is looked at first.
  const carried = told.connections.map((each) => octetsOf(each, 0) + octetsOf(each, 1));
  choice.connection = carried.reduce((best, octets, index) => (octets > carried[best] ? index : best), 0);
  byId("connection").value = choice.connection;
  showConnection();
}
byId("connection").addEventListener("change", (event) => { choice.connection = Number(event.target.value); showConnection(); });
byId("side").addEventListener("change", (event) => { choice.side = Number(event.target.value); showSide(); });
byId("view").addEventListener("change", (event) => { choice.view = Number(event.target.value); showView(); });
byId("whole").addEventListener("click", () => range.set(0, range.end));
byId("theme").addEventListener("click", () => useTheme(document.documentElement.dataset.theme !== "dark"));
new ResizeObserver(() => plots.forEach((plot) => plot.resize())).observe(byId("plots"));
document.documentElement.dataset.ready = "true";
})();

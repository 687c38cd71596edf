-- Headers from the catalogue: their fields, their dissection, what is behind them; the carriers; what the analysis is
-- told and what it is asked. IDP itself, and SPP behind it, are left to Wireshark's own dissectors.

local protocol = Proto("seqwire", "seqwire analysis")
local layouts, behind = {}, {}  -- by name; by the name of the header in front
for _, layout in ipairs(catalogue) do
  layouts[layout.name] = layout
  if layout.behind then
    behind[layout.behind] = behind[layout.behind] or {}
    table.insert(behind[layout.behind], layout)
  end
  layout.by_role = {}
  for _, field in ipairs(layout.fields) do
    if field.role ~= "none" and not layout.by_role[field.role] then layout.by_role[field.role] = field end
  end
end

-- A function that reads these fields of a header in a string, `skip` octets from its beginning: one bit as a boolean,
-- all else as a number. It is compiled, because one that goes through the fields is much slower.
local function reader(fields, skip)
  local wanted, most, expressions = {}, 0, {}
  for _, field in ipairs(fields) do
    local at, below = math.floor(field.bit_offset / 8) + 1, 8 - field.bit_offset % 8 - field.bits
    local last = at + math.max(field.bits / 8, 1) - 1
    local text = string.format("o%d", at)
    if field.bits == 1 then
      text = string.format("o%d %% %d >= %d", at, 2 ^ (below + 1), 2 ^ below)
    elseif field.bits < 8 then
      text = string.format("floor(o%d / %d) %% %d", at, 2 ^ below, 2 ^ field.bits)
    end
    for octet = at + 1, last do text = string.format("(%s) * 256 + o%d", text, octet) end
    for octet = at, last do wanted[octet] = true end
    most, expressions[#expressions + 1] = math.max(most, last), text
  end
  local lines, run = {"local byte, floor = string.byte, math.floor", "return function(header)"}, {}
  for octet = 1, most + 1 do
    if wanted[octet] then
      run[#run + 1] = string.format("o%d", octet)
    elseif #run > 0 then
      lines[#lines + 1] = string.format("local %s = byte(header, %d, %d)", table.concat(run, ", "),
                                        skip + octet - #run, skip + octet - 1)
      run = {}
    end
  end
  lines[#lines + 1] = "return " .. table.concat(expressions, ", ") .. " end"
  return load(table.concat(lines, "\n"))()
end

-- A reader for the fields of a layout that have these roles, in that order.
local function reader_of(layout, skip, ...)
  local fields = {}
  for at, role in ipairs({...}) do fields[at] = layout.by_role[role] end
  return reader(fields, skip)
end

-- By role, the place of a field's octets.
for _, layout in ipairs(catalogue) do
  layout.first, layout.last = {}, {}
  for role, field in pairs(layout.by_role) do
    layout.first[role], layout.last[role] = field.bit_offset / 8 + 1, (field.bit_offset + field.bits) / 8
  end
  layout.read_selector = layout.by_role.next_header and reader_of(layout, 0, "next_header")
end

-- ---- fields ----

local hexadecimal = {checksum = true, destination_network = true, destination_socket = true, source_network = true,
                     source_socket = true, source_connection = true, destination_connection = true}

local function words_of(name)
  return (name:gsub("_", " "):gsub("^%l", string.upper))
end

local function make_field(prefix, field)
  local filter, words = prefix .. "." .. field.name, words_of(field.name)
  local base_of = hexadecimal[field.role] and base.HEX or base.DEC
  if field.role == "destination_host" or field.role == "source_host" then
    return ProtoField.ether(filter, words, field.documentation)
  elseif field.bits < 8 then
    local mask = (2 ^ field.bits - 1) * 2 ^ (8 - field.bit_offset % 8 - field.bits)
    if field.bits == 1 then return ProtoField.bool(filter, words, 8, nil, mask, field.documentation) end
    return ProtoField.uint8(filter, words, base_of, field.values, mask, field.documentation)
  elseif field.bits > 32 then
    return ProtoField.uint64(filter, words, base_of, field.values, nil, field.documentation)
  end
  return ProtoField["uint" .. field.bits](filter, words, base_of, field.values, nil, field.documentation)
end

-- Two sets for each header: its own, and one for its copy inside an Error packet. Idp and spp are Wireshark's own.
local quoting = "xns_error"
local protocols, own_fields, quoted_fields = {}, {}, {}
local function fields_of(layout, prefix)
  local set = {}
  for _, field in ipairs(layout.fields) do set[field.name] = make_field(prefix, field) end
  return set
end
for _, layout in ipairs(catalogue) do
  if layout.name ~= "idp" and layout.name ~= "spp" then
    protocols[layout.name] = Proto(layout.name, layout.documentation)
    own_fields[layout.name] = fields_of(layout, layout.name)
    protocols[layout.name].fields = own_fields[layout.name]
  end
end
for _, layout in ipairs(catalogue) do
  quoted_fields[layout.name] = fields_of(layout, quoting .. "." .. layout.name)
  protocols[quoting].fields = quoted_fields[layout.name]
end

-- ---- dissection ----

-- Adds a header at `offset` and what stands behind it; returns how far it came and what the named values say.
local function show(layout, tvb, offset, tree, sets, named)
  local there = tvb:len() - offset
  if there < layout.octets then
    if there > 0 then tree:add(tvb(offset, there), words_of(layout.name) .. ": cut off") end
    return tvb:len()
  end
  local branch = tree:add(tvb(offset, layout.octets), layout.documentation)
  for _, field in ipairs(layout.fields) do
    local width = math.max(1, field.bits / 8)
    local range = tvb(offset + math.floor(field.bit_offset / 8), width)
    branch:add(sets[layout.name][field.name], range)
    local name = field.values and field.bits >= 8 and field.values[range:uint64():tonumber()]
    if name then table.insert(named, name) end
  end
  local selector = layout.read_selector and layout.read_selector(tvb:raw(offset, layout.octets))
  offset = offset + layout.octets
  if layout.name == quoting then return show(layouts.idp, tvb, offset, branch, quoted_fields, {}) end
  for _, following in ipairs(behind[layout.name] or {}) do
    if not following.selector or following.selector == selector then
      repeat
        offset = show(following, tvb, offset, tree, sets, named)
      until not following.repeated or offset >= tvb:len()
      return offset
    end
  end
  if offset < tvb:len() then tree:add(tvb(offset), "Data (" .. tvb:len() - offset .. " octets)") end
  return tvb:len()
end

for _, layout in ipairs(behind.idp) do
  local own = protocols[layout.name]
  if own then
    function own.dissector(tvb, pinfo, tree)
      local named = {}
      pinfo.cols.protocol = layout.name:upper():gsub("_", " ")
      show(layout, tvb, 0, tree:add(own, tvb()), own_fields, named)
      pinfo.cols.info = table.concat(named, ", ")
      return tvb:len()
    end
    DissectorTable.get("idp.packet_type"):add(layout.selector, own)
  end
end

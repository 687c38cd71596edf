#include "protocol/wire/address.hpp"

#include <charconv>
#include <cstdio>
#include <optional>

namespace seqwire {
namespace {

// The whole of `digits` as a number of `base`, at most `maximum`.
std::optional<std::uint64_t> parse_number(std::string_view digits, int base, std::uint64_t maximum) {
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, status] = std::from_chars(digits.data(), end, value, base);
  if (status != std::errc{} || stopped != end || value > maximum) return std::nullopt;
  return value;
}

bool drop_hexadecimal_prefix(std::string_view& digits) {
  if (!digits.starts_with("0x") && !digits.starts_with("0X")) return false;
  digits.remove_prefix(2);
  return true;
}

}  // namespace

std::string to_string(host_number host) {
  char buffer[16];
  const int length = std::snprintf(buffer, sizeof buffer, "%012llx", static_cast<unsigned long long>(host));
  return {buffer, static_cast<std::size_t>(length)};
}

std::string to_string(const xns_address& address) {
  char buffer[48];
  const int length =
      std::snprintf(buffer, sizeof buffer, "%x.%012llx:%u", static_cast<unsigned>(address.network),
                    static_cast<unsigned long long>(address.host), static_cast<unsigned>(address.socket));
  return {buffer, static_cast<std::size_t>(length)};
}

result<host_number, address_error> parse_host(std::string_view text) {
  std::string digits;
  if (text.size() == 17) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i % 3 == 2) {
        if (text[i] != '-') return failure(address_error{"a host as twelve hexadecimal digits"});
      } else {
        digits += text[i];
      }
    }
  } else {
    digits = text;
  }
  const auto value = digits.size() == 12 ? parse_number(digits, 16, 0xffffffffffff) : std::nullopt;
  if (!value) return failure(address_error{"a host as twelve hexadecimal digits"});
  return host_number{*value};
}

result<socket_number, address_error> parse_socket(std::string_view text) {
  const int base = drop_hexadecimal_prefix(text) ? 16 : 10;
  const auto value = parse_number(text, base, 65535);
  if (!value || *value == 0) return failure(address_error{"a socket from 1 to 65535"});
  return socket_number{static_cast<std::uint16_t>(*value)};
}

result<xns_address, address_error> parse_address(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::size_t colon = text.rfind(':');
  if (dot == std::string_view::npos || colon == std::string_view::npos || colon < dot)
    return failure(address_error{"an address NET.HOST:SOCKET such as 1.02000000000a:3000"});
  std::string_view network_digits = text.substr(0, dot);
  drop_hexadecimal_prefix(network_digits);
  const auto network = parse_number(network_digits, 16, 0xffffffff);
  if (!network) return failure(address_error{"a network as up to eight hexadecimal digits"});
  const auto host = parse_host(text.substr(dot + 1, colon - dot - 1));
  if (!host) return failure(host.error());
  const auto socket = parse_socket(text.substr(colon + 1));
  if (!socket) return failure(socket.error());
  return xns_address{network_number{static_cast<std::uint32_t>(*network)}, *host, *socket};
}

}  // namespace seqwire

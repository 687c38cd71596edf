// The packets of a script as octets: what the peer sends is built from what a line says and from what the conversation
// says where the line is silent; what the host sends is compared with what a line expects. Meaning comes from the
// fields' roles, so a header of a user's own has the same defaults. Shares nothing with the engine but the layouts.
#pragma once

#include "lab/script/script.hpp"

namespace seqwire {

/// The conversation of one playing, seen from the peer.
class script_packets {
 public:
  /// The host is the engine's, the peer the script's.
  explicit script_packets(network_number network, host_number host = script_host, host_number peer = script_peer);

  /// The frame that a line sends.
  octets build(const written_packet& written);
  /// What is wrong with a frame, one line for each field; nothing: it is as expected, its variables are bound and the
  /// conversation goes on from it.
  std::vector<std::string> compare(const written_packet& written, octets_view frame);

  /// Headers and data as a program sends them, and what is wrong with what it received.
  octets message(const written_contents& written) const;
  /// As compare(), of what a program received.
  std::vector<std::string> compare_message(const written_contents& written, octets_view actual);

  /// Our socket and the peer's, where lines do not say.
  void set_our_socket(socket_number number) { ours_.socket = number; }
  void forget();                                              // begins the conversation anew
  void set_default(const written_header& header);             // for fields that lines leave open
  std::uint64_t value_of(const script_number& number) const;  // a variable that is not known is 0

 private:
  using bindings = std::map<std::string, std::uint64_t>;
  std::uint64_t default_of(const field_description& field) const;
  octets encode(const written_header& header, bool as_peer) const;
  octets data_of(const written_data& data) const;
  octets join(const written_contents& written, std::size_t first, bool as_peer) const;
  void finish(octets& frame, const written_header& idp) const;
  void note_sent(const written_contents& written);
  void note_received(octets_view frame);
  octets_view compare_headers(const written_contents& written, octets_view rest, std::vector<std::string>& wrong,
                              bindings& bound) const;
  void compare_header(const written_header& header, const octet* actual, std::vector<std::string>& wrong,
                      bindings& bound) const;
  void compare_data(const written_data& data, octets_view actual, std::vector<std::string>& wrong) const;

  // What the peer says of itself and of us.
  xns_address ours_;
  xns_address peer_;
  std::uint64_t peer_id_;
  std::uint64_t our_id_;
  std::uint64_t next_;          // number of the peer's next data packet
  std::uint64_t acknowledged_;  // our first number that was not yet seen
  std::vector<written_field> defaults_;
  bindings variables_;
  std::map<std::string, octets> named_;
};

/// A frame as a script would write it, without the addresses.
std::string in_script_words(octets_view frame);
/// Octets as "text" or, where they are none, as hex; cut where they are many.
std::string data_in_words(octets_view data);

}  // namespace seqwire

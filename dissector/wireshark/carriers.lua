-- Makes stock Wireshark (4.0 and later) decode IDP where it does not look for it by itself: in IPv4 protocol 22, without
-- any link header (USER0), and on Linux cooked captures. On Ethernet (type 0x0600) it already does.
--   wireshark -X lua_script:carriers.lua FILE        or copy this file into the personal Lua plugin folder
local idp = DissectorTable.get("ethertype"):get_dissector(0x0600)
DissectorTable.get("ip.proto"):set(22, idp)
DissectorTable.get("wtap_encap"):set(wtap.USER0, idp)
DissectorTable.get("sll.ltype"):set(0x0600, idp)

# The installed package: static libraries, one for each floor (seqwire::base ... seqwire::command), the headers in the
# tree that their includes name, and what find_package(seqwire) and pkg-config need. Floors install themselves
# (SeqwireTargets.cmake).
include(CMakePackageConfigHelpers)

install(TARGETS seqwire RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(folder protocol rawio sim dissector lab)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/seqwire
          FILES_MATCHING PATTERN "*.hpp")
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/seqwire)
install(EXPORT seqwireTargets NAMESPACE seqwire:: DESTINATION ${package_folder})
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/seqwireConfig.cmake.in
                              ${CMAKE_BINARY_DIR}/package/seqwireConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/seqwireConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/package/seqwireConfig.cmake ${CMAKE_BINARY_DIR}/package/seqwireConfigVersion.cmake
        DESTINATION ${package_folder})

# For builds without CMake. Static archives: each before those that it needs.
set(archives -lseqwire_command)
if(SEQWIRE_BUILD_BENCH)
  list(APPEND archives -lseqwire_bench)
endif()
foreach(floor lab wireshark report analysis sim rawio capture socket engine wire base)
  list(APPEND archives -lseqwire_${floor})
endforeach()
list(JOIN archives " " SEQWIRE_ARCHIVES)
file(RELATIVE_PATH SEQWIRE_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(${CMAKE_SOURCE_DIR}/cmake/seqwire.pc.in ${CMAKE_BINARY_DIR}/package/seqwire.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/package/seqwire.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

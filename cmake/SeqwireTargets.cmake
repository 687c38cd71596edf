# seqwire_floor(NAME LIBS...): one library of the house. Sources are those of its folder (and of the folders given
# after FOLDERS), so a new file needs no line here.
# seqwire_tests(FOLDER ... ): one test program for a folder of tests/, one CTest entry for each of its files.

function(seqwire_compile_options target)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/seqwire>)
  # -ffp-contract=off: the simulator's doubles must not differ between compilers and optimisation levels.
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                           -Wnon-virtual-dtor -Wold-style-cast -ffp-contract=off)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees overlapping copies where a string literal is joined to a std::string (its bug 105651).
    target_compile_options(${target} PRIVATE -Wno-restrict)
    if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
      # Instrumented, std::regex looks to it as if it read what was never written.
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
    endif()
  endif()
  # Where several files are compiled as one, a name of one file may stand before the other's: no matter to either.
  get_target_property(joined ${target} UNITY_BUILD)
  if(joined)
    target_compile_options(${target} PRIVATE -Wno-shadow)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
  endif()
  if(SEQWIRE_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

function(seqwire_floor name)
  cmake_parse_arguments(FLOOR "" "" "FOLDERS;LIBS" ${ARGN})
  set(sources)
  foreach(folder IN LISTS FLOOR_FOLDERS)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources)
    add_library(${name} INTERFACE)
    add_library(seqwire::${name} ALIAS ${name})
    target_link_libraries(${name} INTERFACE ${FLOOR_LIBS})
    install(TARGETS ${name} EXPORT seqwireTargets)
    return()
  endif()
  add_library(${name} STATIC ${sources})
  add_library(seqwire::${name} ALIAS ${name})
  seqwire_compile_options(${name})
  target_link_libraries(${name} PUBLIC ${FLOOR_LIBS})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME seqwire_${name})
  install(TARGETS ${name} EXPORT seqwireTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

# What every program of tests is compiled with.
function(seqwire_test_options target)
  # Tests of one folder have helpers of the same names.
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  seqwire_compile_options(${target})
  # What they test is optimised; that they themselves are not saves minutes of building.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_compile_definitions(${target} PRIVATE BOOST_TEST_DYN_LINK)
  target_link_libraries(${target} PRIVATE Boost::unit_test_framework rapidcheck fmt::fmt)
endfunction()

function(seqwire_tests folder)
  cmake_parse_arguments(TESTS "" "TIMEOUT" "LABELS;LIBS;DEFINES" ${ARGN})
  if(NOT TESTS_TIMEOUT)
    set(TESTS_TIMEOUT 120)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" program test_${folder})
  add_executable(${program} $<TARGET_OBJECTS:test_main> ${sources})
  seqwire_test_options(${program})
  target_compile_definitions(${program} PRIVATE SEQWIRE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                                SEQWIRE_BINARY_DIR="${CMAKE_BINARY_DIR}" ${TESTS_DEFINES})
  target_link_libraries(${program} PRIVATE ${TESTS_LIBS})
  foreach(source IN LISTS sources)
    get_filename_component(suite ${source} NAME_WE)  # the file's one suite has the file's name
    set(name ${folder}/${suite})
    add_test(NAME ${name} COMMAND ${program} --run_test=${suite} --report_level=short)
    set_tests_properties(${name} PROPERTIES LABELS "${TESTS_LABELS}" TIMEOUT ${TESTS_TIMEOUT} SKIP_RETURN_CODE 77)
  endforeach()
endfunction()

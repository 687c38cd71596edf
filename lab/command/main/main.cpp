#include "lab/command/command_main.hpp"

int main(int count, char** arguments) { return seqwire::command_main(count, arguments); }

/* main.c - the command hostler. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("hostler " HOSTLER_VERSION);
        return 0;
    }
    fputs("usage: hostler COMMAND [OPTION...]\n", stderr);
    return 5;
}

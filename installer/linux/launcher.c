/* bin/softphone: our own interpreter under our own name, so that sound servers, process lists and desktops
 * show "softphone". It is isolated (-I): nothing comes from PYTHON* variables, the current folder or ~/.local.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int Py_BytesMain(int argc, char **argv);

int main(int argc, char **argv) {
    static char self[PATH_MAX], script[PATH_MAX + 64];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0) {
        fputs("softphone: /proc is not mounted\n", stderr);
        return 3;
    }
    char *folder = strdup(self), *end = folder ? strstr(folder, "/bin/softphone") : NULL;
    char **line = calloc((size_t)argc + 8, sizeof *line);
    if (!end || !line) {
        fputs("softphone: the installation is damaged: it is not in a folder named bin\n", stderr);
        return 3;
    }
    *end = 0;
    snprintf(script, sizeof script, "%s/lib/python" PYTHON "/site-packages/softphone_start.py", folder);
    int count = 0;
    line[count++] = self;
    line[count++] = "-I";
    line[count++] = "-X";
    line[count++] = "utf8";
    line[count++] = "-B"; /* bytecode is shipped; nothing is written beside it */
    line[count++] = script;
    for (int i = 1; i < argc; i++) line[count++] = argv[i];
    return Py_BytesMain(count, line);
}

/* Softphone.exe and softphone-cli.exe: the interpreter itself, hosted under our name, icon and manifest.
 *
 * The only thing done here is to load python\python312.dll from the folder of this program, by its full path,
 * and to give it softphone_start.py with our arguments. Nothing is taken from PATH, the current folder or
 * PYTHON* variables: python312._pth puts the interpreter into isolated mode.
 */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define LONGEST 32768

typedef int (*PyMain)(int, wchar_t **);

static wchar_t folder[LONGEST], library[LONGEST], script[LONGEST];

static int give_up(const wchar_t *what) {
#ifdef CONSOLE
    fwprintf(stderr, L"softphone: %ls\n", what);
#else
    MessageBoxW(NULL, what, L"Softphone", MB_ICONERROR | MB_OK);
#endif
    return 3;
}

static int launch(int argc, wchar_t **argv) {
    DWORD length = GetModuleFileNameW(NULL, folder, LONGEST);
    wchar_t *end = length ? wcsrchr(folder, L'\\') : NULL;
    if (!end || length > LONGEST - 64) return give_up(L"The installation is damaged: its folder cannot be found.");
    *end = 0;
    swprintf(library, LONGEST, L"%ls\\python\\python312.dll", folder);
    swprintf(script, LONGEST, L"%ls\\site\\softphone_start.py", folder);
    SetDllDirectoryW(L""); /* not the current folder */
    HMODULE module = LoadLibraryExW(library, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    PyMain python_main = module ? (PyMain)(void *)GetProcAddress(module, "Py_Main") : NULL;
    if (!python_main)
        return give_up(L"The installation is damaged: python312.dll cannot be loaded. Please repair or reinstall.");
    wchar_t **line = calloc((size_t)argc + 8, sizeof *line);
    if (!line) return give_up(L"Not enough memory.");
    int count = 0;
    line[count++] = argv[0];
    line[count++] = L"-X";
    line[count++] = L"utf8";
    line[count++] = L"-B"; /* bytecode is shipped; nothing is written beside it */
    line[count++] = script;
    for (int i = 1; i < argc; i++) line[count++] = argv[i];
    return python_main(count, line);
}

#ifdef CONSOLE
int wmain(int argc, wchar_t **argv) { return launch(argc, argv); }
#else
int WINAPI wWinMain(HINSTANCE instance, HINSTANCE former, PWSTR line, int show) {
    (void)instance, (void)former, (void)line, (void)show;
    return launch(__argc, __wargv);
}
#endif

/**
 * The Python package that the project of a plugin is in: the name of the plugin, `-` written as `_`. A name that Python
 * would not import, or that would hide something else from it, gets `project_` in front.
 */
export function packageName(plugin: string): string {
  const name = plugin.replaceAll('-', '_')
  return /^[A-Za-z]/.test(name) && !name.startsWith('mfserv_') && !TAKEN.has(name) ? name : `project_${name}`
}

/** Directories of a plugin, and its `manage.py`. */
const OF_THE_PLUGIN = 'bin lib local manage node_modules python2_virtualenv_sources python3_virtualenv_sources'
const OF_DJANGO = 'asgiref django sqlparse'
/** What the servers of mfserv are made of: a plugin is searched before them. A system test holds the list to what is installed. */
const OF_MFSERV = `
  aiohappyeyeballs aiohttp aiohttp_metwork_middlewares aiosignal async_timeout attr attrs click colorama frozenlist gunicorn h11
  httptools idna markupsafe mflog multidict packaging propcache six
  structlog tornado typing_extensions uvicorn websockets werkzeug yarl`
const KEYWORDS = `
  and as assert async await break class continue def del elif else except finally for from global if import in is lambda
  nonlocal not or pass raise return try while with yield False None True`
/** Every module that a Python from 3.9 on brings along; a system test holds the list to the one it runs with. */
const STANDARD_LIBRARY = `
  abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex
  bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall
  compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm
  decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch
  formatter fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html
  http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma
  mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath
  nturl2path numbers opcode operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform
  plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random
  re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site
  sitecustomize smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat
  statistics string stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib
  tempfile termios test textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty
  turtle turtledemo types typing unicodedata unittest urllib usercustomize uu uuid venv warnings wave weakref webbrowser
  winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo`

const TAKEN: ReadonlySet<string> = new Set(
  [OF_THE_PLUGIN, OF_DJANGO, OF_MFSERV, KEYWORDS, STANDARD_LIBRARY].flatMap((names) => names.trim().split(/\s+/)),
)

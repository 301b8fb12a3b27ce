"""Real workers against programs that want out or want everything: each is contained, the pool stays well."""

import time
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Final

import psutil
import pytest
import pytest_asyncio

from flowloom_sandboxkit.errors import (
    CodeError,
    CodeFailureError,
    CodeMemoryError,
    CodeRefusedError,
    CodeTimeoutError,
)
from flowloom_sandboxkit.runner import CodeRunner
from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_sandboxkit.tasks import CodeTask

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

MIB: Final = 1024 * 1024
TRACE: Final = Path("/tmp/flowloom-sandbox-escape")
LONGEST_S: Final = 60.0
"""Far above every limit below, because the machine may be busy."""

ERROR, REFUSED, TIMEOUT, MEMORY = CodeError, CodeRefusedError, CodeTimeoutError, CodeMemoryError
EITHER = (CodeTimeoutError, CodeMemoryError)
HEAVY = (CodeTimeoutError, CodeMemoryError, CodeError)
ANY_END = CodeFailureError
"""The interpreter may be clever enough to finish; what counts is that it ends and the pool is well."""

PROGRAMS: Final[list[tuple[str, str, type[CodeFailureError] | tuple[type[CodeFailureError], ...]]]] = [
    # Time
    ("infinite loop", "while True:\n    pass", TIMEOUT),
    (
        "infinite loop that catches",
        "while True:\n    try:\n        1/0\n    except BaseException:\n"
        "        pass",
        TIMEOUT,
    ),
    ("loop in finally", "try:\n    1/0\nfinally:\n    while True:\n        pass", TIMEOUT),
    ("endless print", "while True:\n    print('x' * 1000)", TIMEOUT),
    ("endless small prints", "while True:\n    print(1)", TIMEOUT),
    ("endless sorted key", "def f(x):\n    while True:\n        pass\nsorted([1, 2], key=f)", TIMEOUT),
    ("endless comparison", "x = list(range(3000))\nwhile True:\n    x == x\n    sorted(x)", TIMEOUT),
    ("sum of a huge range", "sum(range(10**15))", TIMEOUT),
    ("membership in a huge range", "len([1 for i in range(10**12) if i < 0])", TIMEOUT),
    ("regex bomb", "import re\nre.match('(a+)+$', 'a' * 60 + 'b')", ANY_END),
    ("regex bomb of alternatives", "import re\nre.fullmatch('(a|a|a)*b', 'a' * 5000)", ANY_END),
    ("regex bomb with back-reference", "import re\nre.match(r'(a*)*\\1$', 'a' * 40 + 'b')", ANY_END),
    ("slow key derivation", "import hashlib\nhashlib.pbkdf2_hmac('sha256', b'p', b's', 10**10)", HEAVY),
    (
        "ackermann",
        "def a(m, n):\n"
        "    return n + 1 if m == 0 else a(m - 1, 1 if n == 0 else a(m, n - 1))\na(4, 1)",
        HEAVY,
    ),
    ("fibonacci", "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nf(60)", TIMEOUT),
    ("division of giants", "x = 3 ** 2000000\nwhile True:\n    x // 7", HEAVY),
    ("text of a giant", "str(7 ** 5000000)", HEAVY),
    ("endless iterator", "import itertools\nfor i in itertools.count():\n    pass", TIMEOUT),
    ("endless cycle", "import itertools\nsum(itertools.cycle([1]))", TIMEOUT),
    ("sleep for ever", "import time\ntime.sleep(10**9)", REFUSED),
    ("permutations", "import itertools\nlen(list(itertools.permutations(range(12))))", EITHER),
    # Memory
    ("power tower", "9**9**9", HEAVY),
    ("power tower of four", "9**9**9**9", HEAVY),
    ("shift", "1 << (10**12)", HEAVY),
    ("list balloon", "x = []\nwhile True:\n    x.append('a' * 100000)", EITHER),
    ("doubling list", "x = [1]\nwhile True:\n    x = x + x", EITHER),
    ("dictionary balloon", "d = {}\ni = 0\nwhile True:\n    d[i] = str(i) * 100\n    i += 1", EITHER),
    ("set balloon", "s = set()\ni = 0\nwhile True:\n    s.add(i)\n    i += 1", EITHER),
    ("one huge list", "[0] * 10**10", MEMORY),
    ("one huge text", "'a' * 10**12", MEMORY),
    ("bytes bomb", "bytes(10**11)", HEAVY),
    ("bytearray bomb", "b'a' * 10**11", HEAVY),
    ("replace bomb", "s = 'a' * 100000\ns.replace('a', s)", HEAVY),
    ("join bomb", "s = 'a' * 1000000\ns.join(['b'] * 100000)", HEAVY),
    ("padding bomb", "'x'.ljust(10**11)", HEAVY),
    ("format width bomb", "f'{1:>{10**10}}'", HEAVY),
    ("percent width bomb", "'%1000000000000d' % 1", HEAVY),
    ("format precision bomb", "format(1.5, '.9999999999f')", HEAVY),
    ("format method width bomb", "'{:1000000000000}'.format(1)", HEAVY),
    ("range to list", "list(range(10**11))", HEAVY),
    ("product bomb", "import itertools\nlist(itertools.product(range(1000), repeat=5))", EITHER),
    ("billion laughs", "a = ['ha'] * 10\nfor _ in range(12):\n    a = [a] * 10\na", HEAVY),
    ("json bomb", "import json\nx = []\nfor _ in range(25):\n    x = [x, x]\nlen(json.dumps(x))", HEAVY),
    (
        "deep copy bomb",
        "import copy\nx = [1]\nwhile True:\n"
        "    x = [copy.deepcopy(x), copy.deepcopy(x)]",
        HEAVY,
    ),
    ("exception with a huge message", "raise ValueError('x' * 20_000_000)", (CodeError, CodeMemoryError)),
    (
        "chain of exceptions",
        "def f(n):\n    try:\n        raise ValueError(n)\n    except ValueError:\n"
        "        f(n + 1)\nf(0)",
        HEAVY,
    ),
    ("huge value", "'x' * 11_000_000", REFUSED),
    ("many digits", "int('9' * 100000)", HEAVY),
    # Depth
    ("recursion", "def f():\n    return f()\nf()", ERROR),
    (
        "recursion that catches",
        "def f():\n    try:\n        return f()\n    except RecursionError:\n"
        "        return f()\nf()",
        HEAVY,
    ),
    ("mutual recursion in sort", "def f(x):\n    return sorted([1, 2], key=f)[0]\nf(1)", HEAVY),
    ("recursive repr", "class A:\n    def __repr__(self):\n        return repr(self)\nrepr(A())", HEAVY),
    ("deep literal", "[" * 5000 + "]" * 5000, (CodeError, CodeRefusedError)),
    ("deep parentheses", "(" * 30000 + "1" + ")" * 30000, ERROR),
    ("deep negation", "-" * 60000 + "1", ERROR),
    ("deep attributes", "a" + ".b" * 30000, ERROR),
    ("deep lambda", "lambda: " * 8000 + "1", ERROR),
    ("deep if", "1 if 1 else " * 5000 + "1", ERROR),
    ("long sum", "1" + "+1" * 30000, ERROR),
    ("deep value", "x = []\nfor _ in range(5000):\n    x = [x]\nx", REFUSED),
    ("value that contains itself", "x = []\nx.append(x)\nx", REFUSED),
    ("deep json", "import json\njson.loads('[' * 100000)", ERROR),
    ("deep function nest", "".join(f"{' ' * i}def f{i}():\n" for i in range(90)) + " " * 90 + "pass", HEAVY),
    # The system
    ("os.system", f"import os\nos.system('touch {TRACE}')", REFUSED),
    ("os through from", "from os import environ\nenviron", REFUSED),
    ("subprocess", f"import subprocess\nsubprocess.run(['touch', '{TRACE}'])", REFUSED),
    ("socket", "import socket\nsocket.create_connection(('127.0.0.1', 80))", REFUSED),
    ("urllib", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1')", REFUSED),
    ("ctypes", "import ctypes\nctypes.CDLL(None).system(b'id')", REFUSED),
    ("threads", "import threading\nthreading.Thread(target=print).start()", REFUSED),
    ("multiprocessing", "import multiprocessing", REFUSED),
    ("pathlib", "import pathlib\npathlib.Path('/etc/passwd').read_text()", REFUSED),
    ("builtins module", "import builtins\nbuiltins.open('/etc/passwd')", REFUSED),
    ("importlib", "import importlib\nimportlib.import_module('os')", REFUSED),
    ("monty itself", "import pydantic_monty", REFUSED),
    ("relative import", "from . import guard", REFUSED),
    ("__import__", "__import__('os').system('id')", REFUSED),
    ("exec", "exec('import os')", REFUSED),
    ("eval", "eval('open(1)')", REFUSED),
    ("exec by another name", "e = exec\ne('import os')", REFUSED),
    ("open to read", "open('/etc/passwd').read()", ERROR),
    ("open to write", f"open('{TRACE}', 'w').write('x')", ERROR),
    ("open the worker's memory", "open('/proc/self/mem', 'rb').read()", ERROR),
    ("clock", "import datetime\ndatetime.datetime.now().isoformat()", ERROR),
    # Introspection
    ("dunder walk", "().__class__.__bases__[0].__subclasses__()", ERROR),
    ("subclasses of object", "object.__subclasses__()", ERROR),
    ("globals of a function", "(lambda: 0).__globals__", ERROR),
    ("code of a function", "(lambda: 0).__code__.co_consts", ERROR),
    (
        "frames of an exception",
        "try:\n    1/0\nexcept Exception as e:\n"
        "    x = e.__traceback__.tb_frame.f_globals\nx",
        ERROR,
    ),
    ("builtins by name", "__builtins__['open']('/etc/passwd')", ERROR),
    ("getattr with a built name", "getattr((1).__class__, '__sub' + 'classes__')()", ERROR),
    ("attributes through format", "'{0.__class__.__mro__}'.format(1)", ERROR),
    ("attributes through an f-string", "f'{(1).__class__.__mro__}'", ERROR),
    ("method of the print function", "print.__self__.open('/etc/passwd')", ERROR),
    ("metaclass", "class M(type):\n    pass\nclass A(metaclass=M):\n    pass", ERROR),
    ("subclass of a type", "class A(str):\n    pass\nA('x')", ERROR),
    ("lying about types", "class A:\n    def __eq__(self, o):\n        return o.__dict__\nA() == 1", ERROR),
    (
        "type with three arguments",
        ""
        "type('A', (object,), {'__del__': print})()",
        (CodeError, CodeRefusedError),
    ),
    # Values that are none
    ("not a number", "float('nan')", REFUSED),
    ("infinity", "[1e308 * 10]", REFUSED),
    ("integer too large", "2 ** 53", REFUSED),
    ("a giant integer", "10 ** 4000", REFUSED),
    ("a function", "lambda: 1", REFUSED),
    ("a module", "import math\nmath", REFUSED),
    ("a class", "int", REFUSED),
    ("an instance", "class A:\n    pass\nA()", REFUSED),
    ("a set", "{1, 2}", REFUSED),
    ("bytes", "b'x'", REFUSED),
    ("a tuple as a key", "{(1, 2): 3}", REFUSED),
    # Text that is no program
    ("null character", "1\0", (CodeError, CodeRefusedError)),
    ("no program", "this is no program", ERROR),
    ("odd indentation", "if 1:\n\tx = 1\n        y = 2", ERROR),
    ("result by its hidden name", "_flowloom_result = open\n_flowloom_result", REFUSED),
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner(
    isolation_kind: str,
    wait_until_gone: Callable[[Iterable[int]], None],
    watch_family: Callable[[], Callable[[], list[psutil.Process]]],
) -> AsyncIterator[CodeRunner]:
    settings = SandboxSettings.model_validate({"isolation": isolation_kind})
    newcomers = watch_family()
    async with CodeRunner(settings) as started:
        assert started.isolation.kind == isolation_kind
        yield started
        workers = [process.pid for process in newcomers()]
    assert workers
    wait_until_gone(workers)


async def test_there_are_enough_hostile_programs() -> None:
    assert len(PROGRAMS) >= 100
    assert len({name for name, _, _ in PROGRAMS}) == len(PROGRAMS)


async def how_it_ends(runner: CodeRunner, source: str) -> CodeFailureError | None:
    """Run a program with small limits."""
    try:
        await runner.run(CodeTask(source, time_s=0.5, memory_bytes=32 * MIB))
    except CodeFailureError as error:
        return error
    return None


@pytest.mark.parametrize(("source", "expected"), [pytest.param(*rest, id=name) for name, *rest in PROGRAMS])
async def test_contains_a_hostile_program(
    runner: CodeRunner,
    source: str,
    expected: type[CodeFailureError] | tuple[type[CodeFailureError], ...],
) -> None:
    started = time.monotonic()
    end = await how_it_ends(runner, source)
    assert isinstance(end, expected) or (expected is ANY_END and end is None)
    assert end is None or 10 < len(str(end)) < 2_000
    assert end is None or len(end.printed) <= 17_000
    assert time.monotonic() - started < LONGEST_S
    assert not TRACE.exists()
    assert (await runner.run(CodeTask("6 * 7"))).value == 42

"""Footers in other languages than English: "Généré avec Claude Code", "由 Claude Code 生成", "Mit Codex erstellt".

Tools sign in the language they are spoken to. A footer is a line of its own that says "made" and "with" or "by" and
names something; that it is a tool, and nothing else, is for the caller to judge (footers.py). What people make by hand
under a name that tools share ("écrit par Claude") is taken for a person's.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LINE_LENGTH = 400
"""Of a longer line only the start is read."""


class Footer(NamedTuple):
    """The line, what it names, and whether a person could stand there: "written by", but not "generated with"."""

    line: str
    tool: str
    person_possible: bool


class Language(NamedTuple):
    """The words for "generated", for what a person may do too ("written"), for "with" and for "by"."""

    generated: str
    written: str
    using: str
    by: str


_TOOL_LAST = (
    Language(
        "généré|générée|générés",
        "créé|créée|écrit|écrite|rédigé|développé|réalisé|co-écrit|fait",
        "avec|à l'aide de|grâce à|via",
        "par",
    ),
    Language(
        "generiert",
        "erstellt|erzeugt|geschrieben|entwickelt",
        "mit|mithilfe von|mit hilfe von|unter verwendung von",
        "von|durch",
    ),
    Language(
        "generado|generada",
        "creado|creada|escrito|escrita|hecho|desarrollado",
        "con|usando|mediante|con ayuda de",
        "por",
    ),
    Language("gerado|gerada", "criado|criada|escrito|feito|desenvolvido", "com|usando|com a ajuda de", "por|pelo|pela"),
    Language("generato|generata", "creato|creata|scritto|realizzato", "con|tramite|usando|con l'aiuto di", "da"),
    Language("gegenereerd", "gemaakt|geschreven|ontwikkeld", "met|met behulp van|via", "door"),
    Language(
        "genererad|genererat|genereret|generert",
        "skapad|skapat|skriven|oprettet|skrevet|laget",
        "med|med hjälp av",
        "av|af",
    ),
    Language(
        "wygenerowano|wygenerowane|wygenerowany",
        "utworzono|napisano|napisane|stworzono|stworzone",
        "przy użyciu|za pomocą|z pomocą|w",
        "przez",
    ),
    Language("vygenerováno|vygenerované", "vytvořeno|vytvorené|napsáno|napísané", "pomocí|s pomocí|pomocou|v", "od"),
    Language(
        "сгенерировано|сгенерирован|сгенерирована",
        "создано|создан|написано|написан|подготовлено",
        "с помощью|при помощи|через|посредством|в",
        "от",
    ),
    Language("згенеровано", "створено|написано", "за допомогою|через|у|в", "від"),
    Language("dihasilkan", "dibuat|ditulis", "dengan|menggunakan|dengan bantuan", "oleh"),
    Language("được tạo|tạo", "viết|được viết", "bằng|với|bằng cách sử dụng", "bởi"),
)
"""Languages in which the tool's name ends the footer."""

_VERB_LAST = (
    Language("generiert", "erstellt|erzeugt|geschrieben|entwickelt", "mit|mithilfe von|mit hilfe von", "von|durch"),
    Language("gegenereerd", "gemaakt|geschreven|ontwikkeld", "met|met behulp van", "door"),
    Language(
        "自动生成|自動生成|協助生成|协助生成|辅助生成|生成|产生|產生",
        "编写|編寫|創建|创建|建立|撰写|撰寫|制作|製作|完成|协助编写|辅助编写|协助完成",
        "使用|利用|通过|透過|借助|基于|用",
        "由",
    ),
)
"""Languages in which the name stands between "with" and "made"."""

_NAME_FIRST = (
    Language(
        "自動生成|生成",
        "作成|実装|書きました|書いた",
        "を使用して|を使って|を利用して|を用いて|で",
        "により|によって|が",
    ),
    Language(
        "자동 생성|자동으로 생성|생성",
        "작성|제작|구현",
        "을 사용하여|를 사용하여|을 이용해|를 이용해|으로|로",
        "에 의해",
    ),
    Language("oluşturuldu|üretildi", "yazıldı|geliştirildi|hazırlandı", "ile|kullanılarak|yardımıyla", "tarafından"),
)
"""Languages in which the name stands first."""

_MARKS = re.compile(r"[^\w\n\[(]{0,12}(?:此|本)?(?:次)?(?:提交|代码|程式碼|更改|变更|變更)?")
_THIS_COMMIT = re.compile(
    r"[^\w\n\[(]{0,12}(?:[^\W\d_]{1,20} ){0,2}"
    r"(?:commit|pull request|pr|merge request|mr|code|código|codice|kod|kode|patch|änderung|коммит|код) ",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(r"[^\W\d_]{1,12} ")

_ENDING = r"(?:しました|されました|した|された|됨|함|되었습니다|했습니다|的)?[。.!_*) ]{0,6}\Z"


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))


def _words(languages: Iterable[Language], *kinds: str) -> set[str]:
    return {word for each in languages for kind in kinds for word in getattr(each, kind).split("|")}


def _made(languages: Iterable[Language]) -> str:
    return f"(?P<made>{_any(_words(languages, 'generated', 'written'))})"


def _way(languages: Iterable[Language]) -> str:
    return f"(?P<way>{_any(_words(languages, 'using', 'by'))})"


_MADE_WITH = re.compile(f"{_made(_TOOL_LAST)} {_way(_TOOL_LAST)} (?=.)", re.IGNORECASE)
_MADE = re.compile(f" ?{_made(_VERB_LAST)}{_ENDING}", re.IGNORECASE)
_WITH = re.compile(f"{_way(_VERB_LAST)} ?", re.IGNORECASE)
_WITH_MADE = re.compile(f" ?{_way(_NAME_FIRST)} ?{_made(_NAME_FIRST)}{_ENDING}", re.IGNORECASE)

_ALL = (*_TOOL_LAST, *_VERB_LAST, *_NAME_FIRST)
_NO_PERSON = frozenset(_words(_ALL, "generated", "using"))
_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_UNSPACED_MADE = re.compile(_any(word for word in _words(_ALL, "generated", "written") if _UNSPACED.search(word)))
_SPACED_MADE = frozenset(
    before + word.split()[-1] + after
    for word in _words(_ALL, "generated", "written")
    for before in ("", "*", "_", "(", "🤖", "<sub>", "<em>", "<i>")
    for after in ("", ".", "*", "_", ")", "!", "</sub>", "</em>", "</i>")
    if not _UNSPACED.search(word)
)


def lines(visible: str, lowered: str) -> Iterator[str]:
    """The lines that hold one of the words for "made"; nearly every message has none."""
    ascii_only = lowered.isascii()
    if _SPACED_MADE.isdisjoint(lowered.split()) and (ascii_only or not _UNSPACED_MADE.search(lowered)):
        return
    for line in visible.split("\n"):
        if _UNSPACED_MADE.search(line) or not _SPACED_MADE.isdisjoint(line.lower().split()):
            yield line[:LINE_LENGTH]


def footers(line: str) -> Iterator[Footer]:
    """What a line may say as a footer: with all its words, and without those for "this commit was"."""
    for start in _starts(line):
        yield from _after(line, start)


def _starts(line: str) -> Iterator[int]:
    """Where a footer may begin: behind its marks, and behind "this commit", "… was" and "… has been"."""
    start = 0
    for before in (_MARKS, _THIS_COMMIT, _AUXILIARY, _AUXILIARY):
        found = before.match(line, 0 if before is not _AUXILIARY else start)
        if found is None:
            return
        start = found.end()
        yield start


def _after(line: str, start: int) -> Iterator[Footer]:
    first = _MADE_WITH.match(line, start)
    if first is not None:
        yield Footer(line, line[first.end() :], _by_a_person(first["made"], first["way"]))
    last = _WITH_MADE.search(line, start)
    if last is not None:
        yield Footer(line, line[start : last.start()], _by_a_person(last["made"], last["way"]))
    way, last = _WITH.match(line, start), _MADE.search(line, start)
    if way is not None and last is not None:
        yield Footer(line, line[way.end() : last.start()], _by_a_person(last["made"], way["way"]))


def _by_a_person(made: str, way: str) -> bool:
    return _NO_PERSON.isdisjoint((made.lower(), way.lower()))

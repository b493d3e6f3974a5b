"""Small files as they are met in the wild, each with the table a careful reader sees in it."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class Case:
    """A file, and the columns and (line, cells) read from it. rows: the first of them; count: all, where more."""

    name: str
    content: bytes
    delimiter: str
    columns: list[str]
    rows: dict[int, list[str]]
    count: int = 0
    header: bool = True
    encoding: str = "utf-8"
    names: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many records there are."""
        return self.count or len(self.rows)


def packed(kind: str, content: bytes, name: str = "a.csv") -> bytes:
    """The content packed."""
    if kind == "zip":
        return zipped({name: content})
    if kind == "zst":
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as stream:
            stream.write(content)
        return bytes(sink.getvalue())
    return {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "": bytes}[kind](content)


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of several files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def numbered(lines: list[str], start: int = 2) -> dict[int, list[str]]:
    """Rows of words, one a line."""
    return {line: text.split() for line, text in enumerate(lines, start)}


PEOPLE = ["id,name,city,born", "1,Ann,Köln,1980-01-02", "2,Bob,Paris,1991-12-31", "3,Cem,Rome,2001-05-06"]
NAMES = ["id", "name", "city", "born"]
ROWS = {line: text.split(",") for line, text in enumerate(PEOPLE[1:], 2)}


def people(delimiter: str, end: str = "\n") -> str:
    """The same small table, told apart and ended so."""
    return "".join(line.replace(",", delimiter) + end for line in PEOPLE)


def case(name: str, text: str, delimiter: str, columns: str, rows: dict[int, list[str]], **more: object) -> Case:
    """A case of UTF-8 text; columns are separated by blanks."""
    return Case(name, text.encode(), delimiter, columns.split(), rows, **more)  # type: ignore[arg-type]


CASES = [
    *(Case(f"delimiter {sign!r}", people(sign).encode(), sign, NAMES, ROWS) for sign in ",;\t|"),
    *(Case(f"line end {end!r}", people(",", end).encode(), ",", NAMES, ROWS) for end in ("\r\n", "\r")),
    case("mixed line ends", "a,b\r\n1,2\n3,4\r5,6\r\n", ",", "a b", {2: ["1", "2"], 3: ["3", "4"], 4: ["5", "6"]}),
    Case("no line end", people(",").rstrip("\n").encode(), ",", NAMES, ROWS),
    Case("UTF-8 mark", codecs.BOM_UTF8 + people(";").encode(), ";", NAMES, ROWS, encoding="utf-8-sig"),
    case("UTF-8 mark, quoted", '\ufeff"a","b"\n"1","2"\n', ",", "a b", {2: ["1", "2"]}, encoding="utf-8-sig"),
    Case("UTF-16 LE", codecs.BOM_UTF16_LE + people("\t").encode("utf-16-le"), "\t", NAMES, ROWS, encoding="utf-16"),
    Case("UTF-16 BE", codecs.BOM_UTF16_BE + people(",").encode("utf-16-be"), ",", NAMES, ROWS, encoding="utf-16"),
    Case("UTF-16 LE without mark", people(";", "\r\n").encode("utf-16-le"), ";", NAMES, ROWS, encoding="utf-16-le"),
    Case("UTF-16 BE without mark", people(",").encode("utf-16-be"), ",", NAMES, ROWS, encoding="utf-16-be"),
    Case("Windows-1252", people(";", "\r\n").encode("cp1252"), ";", NAMES, ROWS, encoding="cp1252"),
    case(
        "quotes, delimiters and line breaks within",
        'id,text,note\n1,"a, b",x\n2,"two\nlines",y\n3,"say ""hi""",z\n4,,\n',
        ",", "id text note",
        {2: ["1", "a, b", "x"], 3: ["2", "two\nlines", "y"], 5: ["3", 'say "hi"', "z"], 6: ["4", "", ""]},
    ),
    case(
        "everything quoted, semicolons",
        '"id";"comment"\r\n"1";"one; two, three"\r\n"2";"he said ""no"""\r\n',
        ";", "id comment", {2: ["1", "one; two, three"], 3: ["2", 'he said "no"']},
    ),
    case(
        "single quotes",
        "name,job,note\n'Smith, Ann','clerk','a'\n'Jones, Bob','cook','b'\n'Low, Cem','smith','c'\n",
        ",", "name job note",
        {2: ["Smith, Ann", "clerk", "a"], 3: ["Jones, Bob", "cook", "b"], 4: ["Low, Cem", "smith", "c"]},
    ),
    case(
        "apostrophes are no quotes",
        "name,town\nO'Hara,'s-Gravenhage\nD'Arcy,'t Harde\nSmith,L'Aquila\n",
        ",", "name town", {2: ["O'Hara", "'s-Gravenhage"], 3: ["D'Arcy", "'t Harde"], 4: ["Smith", "L'Aquila"]},
    ),
    case(
        "backslash escapes",
        'id,text,n\n1,"say \\"hi\\", he said",5\n2,"a \\"b\\"",6\n3,plain,7\n',
        ",", "id text n", {2: ["1", 'say "hi", he said', "5"], 3: ["2", 'a "b"', "6"], 4: ["3", "plain", "7"]},
    ),
    case(
        "backslashes that escape nothing",
        'path,size\n"C:\\data\\",5\n"D:\\x\\y",6\n',
        ",", "path size", {2: ["C:\\data\\", "5"], 3: ["D:\\x\\y", "6"]},
    ),
    case(
        "inches are no quotes",
        'item\tsize\tn\nscreen\t24"\t5\npipe\t3/4"\t6\n"wide" tv\t50"\t7\n',
        "\t", "item size n",
        {2: ["screen", '24"', "5"], 3: ["pipe", '3/4"', "6"], 4: ['"wide" tv', '50"', "7"]},
    ),
    case(
        "blanks after commas, no header",
        "39, State-gov, 77516, Bachelors, <=50K\n50, Self-emp, 83311, Bachelors, <=50K\n38, ?, 215646, HS-grad, >50K\n",
        ",", "column_1 column_2 column_3 column_4 column_5",
        {
            1: ["39", "State-gov", "77516", "Bachelors", "<=50K"],
            2: ["50", "Self-emp", "83311", "Bachelors", "<=50K"],
            3: ["38", "?", "215646", "HS-grad", ">50K"],
        },
        header=False,
    ),
    case(
        "blanks after commas and quotes",
        'id, name, n\n1, "a, b", 5\n2, "c", 6\n', ",", "id name n", {2: ["1", "a, b", "5"], 3: ["2", "c", "6"]},
    ),
    case(
        "decimal commas beside semicolons",
        "weight;height;age\n70,5;1,80;30\n80,25;1,75;41\n65,0;1,62;25\n",
        ";", "weight height age",
        {2: ["70,5", "1,80", "30"], 3: ["80,25", "1,75", "41"], 4: ["65,0", "1,62", "25"]},
    ),
    case(
        "decimal commas in each column, no header",
        "1,5;2,5;3,5\n4,1;5,2;6,3\n7,7;8,8;9,9\n",
        ";", "column_1 column_2 column_3",
        {1: ["1,5", "2,5", "3,5"], 2: ["4,1", "5,2", "6,3"], 3: ["7,7", "8,8", "9,9"]}, header=False,
    ),
    case(
        "decimal commas and tabs", "x\ty\n1,5\t2\n2,25\t3\n", "\t", "x y", {2: ["1,5", "2"], 3: ["2,25", "3"]},
    ),
    case(
        "thousands separators in quotes",
        'city,people,area\nParis,"2,148,000",105.4\nRome,"2,873,000","1,285"\nOslo,"697,010",454\n',
        ",", "city people area",
        {2: ["Paris", "2,148,000", "105.4"], 3: ["Rome", "2,873,000", "1,285"], 4: ["Oslo", "697,010", "454"]},
    ),
    case(
        "thousands separators beside semicolons",
        "city;people\nParis;2,148,000\nRome;2,873,000\nOslo;697,010\n",
        ";", "city people", {2: ["Paris", "2,148,000"], 3: ["Rome", "2,873,000"], 4: ["Oslo", "697,010"]},
    ),
    case(
        "texts full of commas between semicolons",
        "id;review;stars\n1;Good, cheap, near;5\n2;Bad, loud, far;1\n3;So, so, fine;3\n",
        ";", "id review stars",
        {2: ["1", "Good, cheap, near", "5"], 3: ["2", "Bad, loud, far", "1"], 4: ["3", "So, so, fine", "3"]},
    ),
    case(
        "texts full of commas between tabs",
        "label\tmessage\nham\tHi, you, there\nspam\tWin, now\nham\tOk; see you, then\n",
        "\t", "label message",
        {2: ["ham", "Hi, you, there"], 3: ["spam", "Win, now"], 4: ["ham", "Ok; see you, then"]},
    ),
    case(
        "lists in cells",
        "movie|year|genres\nAlien|1979|horror,space\nUp|2009|kids,fun\nIt|2017|horror,clowns\n",
        "|", "movie year genres",
        {2: ["Alien", "1979", "horror,space"], 3: ["Up", "2009", "kids,fun"], 4: ["It", "2017", "horror,clowns"]},
    ),
    case(
        "bars in cells of a comma file",
        "movieId,title,genres\n1,Toy Story (1995),Adventure|Animation\n2,Jumanji (1995),Adventure|Children\n",
        ",", "movieId title genres",
        {2: ["1", "Toy Story (1995)", "Adventure|Animation"], 3: ["2", "Jumanji (1995)", "Adventure|Children"]},
    ),
    case(
        "times and dates in a comma file",
        "time,value\n2020-01-01 00:00:00,5.1\n2020-01-01 01:00:00,5.2\n2020-01-01 02:00:00,5.3\n",
        ",", "time value",
        {
            2: ["2020-01-01 00:00:00", "5.1"], 3: ["2020-01-01 01:00:00", "5.2"], 4: ["2020-01-01 02:00:00", "5.3"],
        },
    ),
    case("one column", "price\n5\n6\n7\n", ",", "price", {2: ["5"], 3: ["6"], 4: ["7"]}),
    case(
        "one column of texts with commas", "text\nHello, world\nOne, two, three\nNone\n",
        "", "text", {2: ["Hello, world"], 3: ["One, two, three"], 4: ["None"]},
    ),
    Case(
        "one column of names", b"full name\nAnn Smith\nBob Jones\nCem Low\n",
        ",", ["full name"], {2: ["Ann Smith"], 3: ["Bob Jones"], 4: ["Cem Low"]},
    ),
    case(
        "runs of blanks, quotes",
        '18.0   8   307.0      130.0      3504.      12.0   70  1\t"chevrolet chevelle malibu"\n'
        '15.0   8   350.0      165.0      3693.      11.5   70  1\t"buick skylark 320"\n'
        '25.0   4   98.00      ?          2046.      19.0   71  1\t"ford pinto"\n',
        "whitespace", " ".join(f"column_{place}" for place in range(1, 10)),
        {
            1: ["18.0", "8", "307.0", "130.0", "3504.", "12.0", "70", "1", "chevrolet chevelle malibu"],
            2: ["15.0", "8", "350.0", "165.0", "3693.", "11.5", "70", "1", "buick skylark 320"],
            3: ["25.0", "4", "98.00", "?", "2046.", "19.0", "71", "1", "ford pinto"],
        },
        header=False,
    ),
    case(
        "runs of blanks, blanks at both ends",
        " 0.00632  18.00   2.310  0  24.00 \n 0.02731   0.00   7.070  0  21.60 \n 0.02729   0.00   7.070  1  34.70 \n",
        "whitespace", "column_1 column_2 column_3 column_4 column_5",
        numbered(["0.00632 18.00 2.310 0 24.00", "0.02731 0.00 7.070 0 21.60", "0.02729 0.00 7.070 1 34.70"], 1),
        header=False,
    ),
    case(
        "codes and numbers between single blanks",
        "A11 6 A34 A43 1169 A65 4 1\nA12 48 A32 A43 5951 A61 2 2\n"
        "A14 12 A34 A46 2096 A61 2 1\nA11 42 A32 A42 7882 A61 2 1\n",
        "whitespace", " ".join(f"column_{place}" for place in range(1, 9)),
        numbered(
            ["A11 6 A34 A43 1169 A65 4 1", "A12 48 A32 A43 5951 A61 2 2", "A14 12 A34 A46 2096 A61 2 1",
             "A11 42 A32 A42 7882 A61 2 1"], 1,
        ),
        header=False,
    ),
    case(
        "words in aligned columns",
        "class   sex     age    survived\nfirst   male    adult  no\nsecond  female  child  yes\n"
        "first   male    child  yes\n",
        "whitespace", "class sex age survived",
        numbered(["first male adult no", "second female child yes", "first male child yes"]),
    ),
    case(
        "as R writes it",
        '"sepal" "petal" "kind"\n"1" 5.1 1.4 "a b"\n"2" 4.9 1.3 "c"\n"3" 4.7 1.2 "d"\n',
        "whitespace", "column_1 sepal petal kind",
        {2: ["1", "5.1", "1.4", "a b"], 3: ["2", "4.9", "1.3", "c"], 4: ["3", "4.7", "1.2", "d"]},
    ),
    case(
        "a saved index", ",a,b\n0,1.5,x\n1,2.5,y\n2,3.5,z\n",
        ",", "column_1 a b", {2: ["0", "1.5", "x"], 3: ["1", "2.5", "y"], 4: ["2", "3.5", "z"]},
    ),
    case(
        "a name twice", "a,b,a\n1,2,3\n4,5,6\n", ",", "a b a_2", {2: ["1", "2", "3"], 3: ["4", "5", "6"]},
    ),
    Case(
        "names with blanks, quotes and line breaks", b' id ," full\nname","say ""x"""\n1,Ann,5\n2,Bob,6\n',
        ",", ["id", "full name", 'say "x"'], {3: ["1", "Ann", "5"], 4: ["2", "Bob", "6"]},
    ),
    case(
        "columns without name and value, lines of only delimiters",
        "Date;Time;CO;;\n10/03/2004;18.00.00;2,6;;\n10/03/2004;19.00.00;2;;\n;;;;\n;;;;\n",
        ";", "Date Time CO", {2: ["10/03/2004", "18.00.00", "2,6"], 3: ["10/03/2004", "19.00.00", "2"]},
    ),
    case(
        "a delimiter at the end of each line but the header's", "a,b\n1,2,\n3,4,\n", ",", "a b",
        {2: ["1", "2"], 3: ["3", "4"]},
    ),
    case(
        "a delimiter at the end, no header", "1,2.5,x,\n2,3.5,y,\n3,4.5,x,\n", ",", "column_1 column_2 column_3",
        {1: ["1", "2.5", "x"], 2: ["2", "3.5", "y"], 3: ["3", "4.5", "x"]}, header=False,
    ),
    case(
        "comments, a blank line, the header",
        "# made by a machine\n# 2020\n\nid,x\n1,5\n# a word\n2,6\n# end\n", ",", "id x", {5: ["1", "5"], 7: ["2", "6"]},
    ),
    case("percent comments", "% a\n% b, c\na;b\n1;2\n3;4\n", ";", "a b", {4: ["1", "2"], 5: ["3", "4"]}),
    case("the header is a comment", "# x y z\n1 2 3\n4 5 6\n7 8 9\n", "whitespace", "x y z",
         numbered(["1 2 3", "4 5 6", "7 8 9"])),
    case("Excel's first line", "sep=;\na;b\n1,5;2\n3,5;4\n", ";", "a b", {3: ["1,5", "2"], 4: ["3,5", "4"]}),
    case(
        "a comment at the end", "a,b\n1,2\n3,4\n# end\n", ",", "a b", {2: ["1", "2"], 3: ["3", "4"]},
    ),
    case(
        "a note at the end", "a,b\n1,2\n3,4\n5,6\n\nTotal rows: 3\n", ",", "a b",
        {2: ["1", "2"], 3: ["3", "4"], 4: ["5", "6"]},
    ),
    case(
        "colours are no comments", "colour,n\n#ff0000,1\n#00ff00,2\n", ",", "colour n",
        {2: ["#ff0000", "1"], 3: ["#00ff00", "2"]},
    ),
    case(
        "a number sign as name", "#,Name,HP\n1,Ann,45\n2,Bob,60\n", ",", "# Name HP",
        {2: ["1", "Ann", "45"], 3: ["2", "Bob", "60"]},
    ),
    case(
        "Excel's errors are no comments", "# made by hand\na,b\n#N/A,1\n#REF!,2\n5,3\n# the end\n", ",", "a b",
        {3: ["#N/A", "1"], 4: ["#REF!", "2"], 5: ["5", "3"]},
    ),
    case(
        "numbers as names beside a blank corner", ",16.5,16.75,17.25\n71,0,0,1\n70,0,0,5\n69,0,1,1\n", ",",
        "column_1 16.5 16.75 17.25",
        {2: ["71", "0", "0", "1"], 3: ["70", "0", "0", "5"], 4: ["69", "0", "1", "1"]},
    ),
    case(
        "tabs, some of them doubled",
        "15.26\t14.84\t0.871\t5.763\t1\n14.88\t14.57\t0.881\t5.554\t1\n14.29\t14.09\t0.905\t\t5.291\t1\n"
        "13.84\t13.94\t0.895\t5.324\t2\n",
        "whitespace", "column_1 column_2 column_3 column_4 column_5",
        numbered(["15.26 14.84 0.871 5.763 1", "14.88 14.57 0.881 5.554 1", "14.29 14.09 0.905 5.291 1",
                  "13.84 13.94 0.895 5.324 2"], 1),
        header=False,
    ),
    case(
        "a word above values without header",
        "|1x3 Cross validator\n25, Private, 226802, <=50K.\n38, Private, 89814, <=50K.\n28, Local-gov, 336951, >50K.\n",
        ",", "column_1 column_2 column_3 column_4",
        {2: ["25", "Private", "226802", "<=50K."], 3: ["38", "Private", "89814", "<=50K."],
         4: ["28", "Local-gov", "336951", ">50K."]},
        header=False,
    ),
    case(
        "names quoted, values not",
        '"fixed_acidity";"pH";"quality"\n7.4;3.51;5\n7.8;3.2;5\n', ";", "fixed_acidity pH quality",
        {2: ["7.4", "3.51", "5"], 3: ["7.8", "3.2", "5"]},
    ),
    case(
        "no header, dashes and words",
        "no-recurrence,30-39,premeno,30-34,0-2,no,3,left\nno-recurrence,40-49,premeno,20-24,0-2,no,2,right\n"
        "recurrence,40-49,premeno,20-24,0-2,no,2,left\nno-recurrence,60-69,ge40,15-19,0-2,no,2,right\n",
        ",", " ".join(f"column_{place}" for place in range(1, 9)),
        numbered(["no-recurrence 30-39 premeno 30-34 0-2 no 3 left", "no-recurrence 40-49 premeno 20-24 0-2 no 2 right",
                  "recurrence 40-49 premeno 20-24 0-2 no 2 left", "no-recurrence 60-69 ge40 15-19 0-2 no 2 right"], 1),
        header=False,
    ),
    case(
        "a title above the header",
        "Sales of the year 2020\n\nregion,month,sales\nNorth,1,100\nSouth,1,120\nNorth,2,90\nSouth,2,95\n",
        ",", "region month sales",
        {4: ["North", "1", "100"], 5: ["South", "1", "120"], 6: ["North", "2", "90"], 7: ["South", "2", "95"]},
    ),
    case(
        "blank lines everywhere", "\n\na,b\n\n1,2\n   \n3,4\n\n\n", ",", "a b", {5: ["1", "2"], 7: ["3", "4"]},
    ),
    case(
        "no header, only letters",
        "p,x,s,n\ne,x,s,y\ne,b,s,w\np,x,y,w\ne,x,s,g\ne,x,y,n\ne,b,s,w\np,x,y,n\n", ",",
        "column_1 column_2 column_3 column_4",
        {line: text.split(",") for line, text in enumerate(
            ["p,x,s,n", "e,x,s,y", "e,b,s,w", "p,x,y,w", "e,x,s,g", "e,x,y,n", "e,b,s,w", "p,x,y,n"], 1)},
        header=False,
    ),
    case(
        "no header, names given", "5.1,a\n4.9,b\n", ",", "size kind", {1: ["5.1", "a"], 2: ["4.9", "b"]},
        header=False, names=["size", "kind"],
    ),
    case(
        "names given and there", "size,kind\n5.1,a\n4.9,b\n", ",", "size kind", {2: ["5.1", "a"], 3: ["4.9", "b"]},
        names=["size", "kind"],
    ),
    case(
        "years as names", "country,1990,1991,1992\nFrance,5,7,6\nSpain,8,4,9\n", ",", "country 1990 1991 1992",
        {2: ["France", "5", "7", "6"], 3: ["Spain", "8", "4", "9"]},
    ),
    case(
        "a header over texts",
        "outlook,wind,play\nsunny,weak,no\nsunny,strong,no\nrain,weak,yes\nrain,strong,no\nsunny,weak,yes\nrain,weak,yes\n",
        ",", "outlook wind play",
        {
            2: ["sunny", "weak", "no"], 3: ["sunny", "strong", "no"], 4: ["rain", "weak", "yes"],
            5: ["rain", "strong", "no"], 6: ["sunny", "weak", "yes"], 7: ["rain", "weak", "yes"],
        },
    ),
    case("colons", "a:b:c\n1:2:x\n3:4:y\n5:6:z\n", ":", "a b c",
         {2: ["1", "2", "x"], 3: ["3", "4", "y"], 4: ["5", "6", "z"]}),
    case("one row", "a,b\n1,x\n", ",", "a b", {2: ["1", "x"]}),
    case("one row, no header", "1,2,3\n", ",", "column_1 column_2 column_3", {1: ["1", "2", "3"]}, header=False),
    case(
        "money and shares", "item,price,share\na,\"$1,200.50\",5%\nb,$7.00,12%\n", ",", "item price share",
        {2: ["a", "$1,200.50", "5%"], 3: ["b", "$7.00", "12%"]},
    ),
    case(
        "a ragged row", "a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n1,2,3\n", ",", "a b c",
        {2: ["1", "2", "3"], 3: ["4", "5"], 4: ["6", "7", "8", "9"], 5: ["1", "2", "3"], 6: ["1", "2", "3"]},
    ),
    case(
        "a stray quote", 'a,b\n1,"x" y\n2,z\n3,"w\n4,"v"\n5,u\n', ",", "a b",
        {2: ["1", 'x y'], 3: ["2", "z"], 4: ["3", '"w'], 5: ["4", "v"], 6: ["5", "u"]},
    ),
]  # fmt: skip

TEXTS = {
    "cp1251": "имя;город;n\nИван;Москва;1\nПётр;Казань;2\nОльга;Новосибирск;3\n",
    "koi8-r": "имя;город;n\nИван;Москва;1\nПётр;Казань;2\nОльга;Новосибирск;3\n",
    "cp1250": "imię;miasto;n\nŁukasz;Kraków;1\nMałgorzata;Łódź;2\nGrażyna;Gdańsk;3\n",
    "cp1250 ": "jméno;město;n\nJiří;Plzeň;1\nBřetislav;Brno;2\nRůžena;České Budějovice;3\n",
    "cp1250  ": "név;város;n\nErzsébet;Győr;1\nLőrinc;Pécs;2\nBükk;Köröm;3\n",
    "cp1252": "Name;Stadt;n\nMüller;Köln;1\nJäger;München;2\nGroß;Düsseldorf;3\n",
    "cp1252 ": "nom;ville;état\nAndré;Besançon;réglé\nZoë;Orléans;à payer\nChloé;Sète;payé\n",
    "cp1252  ": "nombre;ciudad;año\nJosé;Córdoba;2010\nMuñoz;Málaga;2011\n",
    "cp1252   ": "nome;estação;n\nJoão;São Paulo;1\nConceição;Brasília;2\n",
    "cp1252    ": "price;note;n\n€5;ok – fine;1\n€6;“quoted”;2\n",
    "cp1252     ": "temp;unit;n\n5;°C;1\n6;°F;2\n7;µm²;3\n8;£5;4\n9;m³/s;5\n",
    "cp1252      ": "navn;by;n\nSøren;Århus;1\nBjørn;Tromsø;2\n",
    "cp1252       ": "Name;Stadt;n\nMeier;Berlin;1\nGross;Köln;2\n",
    "cp1254": "ad;şehir;n\nİbrahim;İstanbul;1\nŞule;Eskişehir;2\nGökçe;Muğla;3\n",
    "cp1253": "όνομα;πόλη;n\nΓιώργος;Αθήνα;1\nΜαρία;Θεσσαλονίκη;2\n",
    "cp932": "名前,都市,n\n太郎,東京,1\n花子,大阪,2\n",
    "gb18030": "姓名,城市,n\n张伟,北京,1\n李娜,上海,2\n",
    "big5": "姓名,城市,n\n陳大文,台北,1\n林小明,高雄,2\n",
    "cp949": "이름,도시,n\n김철수,서울,1\n이영희,부산,2\n",
    "utf-8": "имя;город;n\nИван;Москва;1\nПётр;Казань;2\n",
}
"""Texts in the encodings they are usually written in (stripped: two cannot have one key)."""

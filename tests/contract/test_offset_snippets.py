"""The page's JavaScript and Java find the spans that offsets mean, where UTF-16 counts otherwise."""

import re
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
TEXTS = ("", "plain", "“é”", "😀 said “no 😀”, 𝒜da", "e\u0301 \U0001f468\u200d\U0001f469 Обама 安倍")
SPANS = [
    (text, start, end)
    for text in TEXTS
    for start in range(len(text) + 1)
    for end in range(start, len(text) + 1)
]
EXAMPLE = orjson.loads((ROOT / "schemas/examples/articles.enriched.v1/full.json").read_bytes())
SPANS += [(EXAMPLE["text"], quote["start"], quote["end"]) for quote in EXAMPLE["quotes"]]

NODE = """
const spans = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const found = spans.map(([text, start, end]) => sliceOf(text, { start, end }));
process.stdout.write(JSON.stringify(found));
"""
# No JSON in Java's own library: a span is its text, start and end in lines of their own, the text in hex.
JAVA = """
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

class Snippet {
%s
    public static void main(String[] arguments) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in));
        for (String hex = in.readLine(); hex != null; hex = in.readLine()) {
            var text = new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
            int start = Integer.parseInt(in.readLine()), end = Integer.parseInt(in.readLine());
            var found = sliceOf(text, start, end).getBytes(StandardCharsets.UTF_8);
            System.out.println(HexFormat.of().formatHex(found));
        }
    }
}
"""


def snippet(language):
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return code


def output(*command, given):
    done = subprocess.run(command, input=given, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
def test_the_javascript_of_the_page_slices_by_code_points(tmp_path):
    script = tmp_path / "snippet.js"
    script.write_text(snippet("js") + NODE, encoding="utf-8")
    found = orjson.loads(output("node", str(script), given=orjson.dumps(SPANS)))
    assert found == [text[start:end] for text, start, end in SPANS]


@pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed")
def test_the_java_of_the_page_slices_by_code_points(tmp_path):
    source = tmp_path / "Snippet.java"
    source.write_text(JAVA % snippet("java"), encoding="utf-8")
    given = "".join(f"{text.encode().hex()}\n{start}\n{end}\n" for text, start, end in SPANS)
    found = output("java", str(source), given=given.encode()).decode().splitlines()
    assert [bytes.fromhex(one).decode() for one in found] == [text[start:end] for text, start, end in SPANS]

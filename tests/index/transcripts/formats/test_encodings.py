"""Legacy encodings are told apart where they can be; what cannot be told for sure is refused, never guessed."""

import pytest

from index.errors import WrongEncoding
from index.transcripts.formats import parse_transcript

SENTENCES = {
    "cp1250": (
        "Przędza się kończy, gdy słońce zajdzie za górę.",
        "Příliš žluťoučký kůň úpěl ďábelské ódy.",
        "Ősszel a fűtőház előtt őrült szél fúj.",
        "Čađava peć i žito, šta će biti?",
        "To jest pięć łóżek, a tam są już cztery.",
    ),
    "cp1251": (
        "Старая печь горит два раза в год.",
        "Доброе утро, коллеги. Начнём?",
        "Світло в кінці тунелю є.",
        "Хлябът е готов и е много вкусен.",
    ),
    "cp1252": (
        "Un café, s’il vous plaît, dit le garçon.",
        "Der Ofen wärmt große Häuser, schön für uns.",
        "El niño comió piñas mañana.",
        "Não é possível, disse a irmã.",
        "Så går det når du ikke spør på forhånd.",
        "Perché no? È già tardi.",
        "The “naïve” café on the hill and the river.",
    ),
    "cp1254": (
        "Eski fırın yılda iki kez yakılır.",
        "Güneş doğuyor ve ağaçlar yeşil.",
        "İyi günler, nasılsınız?",
    ),
    "cp1256": ("الفرن القديم يعمل مرتين في السنة.", "صباح الخير يا جماعة، نبدأ الآن."),
    "koi8_r": ("Старая печь горит два раза в год.", "Доброе утро, коллеги. Начнём?"),
    "gbk": ("老窑每年烧两次，一次烧瓦，一次烧碗。", "今天我们来谈谈人工智能的风险。"),
    "big5": ("老窯每年燒兩次，一次燒瓦。", "今天我們來談談人工智慧的風險。"),
    "euc_kr": ("오래된 가마는 일 년에 두 번 불을 땐다.", "안녕하세요 여러분, 오늘은 빵을 굽습니다."),
    "shift_jis": ("古い窯は年に二度焚かれる。", "こんにちは、みなさん。", "カメラを見てください。"),
    "euc_jp": ("古い窯は年に二度焚かれる。",),
    "cp1253": ("Ο παλιός φούρνος ανάβει δύο φορές τον χρόνο.",),
    "cp1255": ("התנור הישן בוער פעמיים בשנה.",),
}


def srt(*rows: str) -> str:
    return "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{row}\n\n" for n, row in enumerate(rows, 1))


@pytest.mark.parametrize(
    ("encoding", "sentence"),
    [(encoding, language) for encoding, found in SENTENCES.items() for language in found],
)
def test_one_sentence_is_enough(encoding: str, sentence: str) -> None:
    transcript = parse_transcript(srt(sentence).encode(encoding), name="x.srt")
    assert transcript.cues[0].text == sentence


@pytest.mark.parametrize("encoding", SENTENCES)
def test_a_whole_text_in_one_language(encoding: str) -> None:
    sentence = SENTENCES[encoding][0]
    text = f"{sentence} {sentence}\n\n" * 8
    transcript = parse_transcript(text.encode(encoding), name="x.txt")
    assert transcript.cues[0].text == f"{sentence} {sentence}"


@pytest.mark.parametrize(
    "data", ["fête".encode("cp1252"), "你好".encode("gbk"), b"\x81\x8d\x8f\x90", b"\xff\xfe\xfd\xfc"]
)
def test_too_little_to_tell_is_refused(data: bytes) -> None:
    with pytest.raises(WrongEncoding):
        parse_transcript(b"1\n00:00:01,000 --> 00:00:02,000\n" + data + b"\n", name="x.srt")


@pytest.mark.parametrize("encoding", SENTENCES)
def test_half_a_sentence_is_read_as_it_was_written_or_refused(encoding: str) -> None:
    for sentence in SENTENCES[encoding]:
        try:
            transcript = parse_transcript(srt(sentence[: len(sentence) // 2]).encode(encoding), name="x.srt")
        except WrongEncoding:
            continue
        assert transcript.cues[0].text == " ".join(sentence[: len(sentence) // 2].split())

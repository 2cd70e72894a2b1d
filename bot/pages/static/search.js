"use strict";
// Searches the static index (bot/pages/search_index.py): by words, with the tokens, stems and inverted index of the program's
// own edition. What a question means is known to the served pages alone.
window.counterpointSearch = (function () {
  const MOST = 12;
  const parsed = new Map();
  const pages = new Map();
  let catalogue = null;
  let known = null;
  let root = "";

  function json(name) {
    if (!parsed.has(name)) {
      parsed.set(name, fetch(root + "search/" + name + ".json").then((answer) => {
        if (!answer.ok) throw new Error(name);
        return answer.json();
      }));
    }
    return parsed.get(name);
  }
  function page(slug) {
    if (!pages.has(slug)) {
      pages.set(slug, fetch(`${root}episodes/${slug}.html`).then(async (answer) =>
        new DOMParser().parseFromString(await answer.text(), "text/html")));
    }
    return pages.get(slug);
  }

  // The tokenizer of index/text/tokens.py, rule for rule: what a question is looked up as is what the index has.
  const APOSTROPHES = "'’ʼ＇", ALNUM = "\\p{L}\\p{N}", INSIDE = "[\\p{L}\\p{N}\\p{M}_\u00ad\u200c\u200d]";
  const CJK = "\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\u{20000}-\u{3ffff}";
  const BEFORE = `(?<![${ALNUM}])`, AFTER = `(?![${ALNUM}])`, WITHIN = `(?:(?![${CJK}_])${INSIDE})`;
  const CHUNK = new RegExp(
    `(?:\\.(?=[Nn][Ee][Tt]${AFTER}))?${INSIDE}+(?:[${APOSTROPHES}.,&\\-]${INSIDE}+)*(?:[.+#*]{1,2}(?:[${APOSTROPHES}]s${AFTER})?)?`, "gu");
  const PARTS = new RegExp([
    `(?<cjk>[${CJK}]+)`, `(?<net>\\.NET${AFTER}|^\\.net${AFTER})`, `(?<dotted>${BEFORE}\\p{L}(?:\\.\\p{L})+(?!\\.\\p{L})${AFTER}\\.?)`,
    `(?<both>${BEFORE}[A-Za-z]{1,3}&[A-Za-z]{1,3}${AFTER})`, `(?<coded>${BEFORE}[A-Za-z]-\\d+[A-Za-z]?${AFTER})`,
    `(?<symbol>${BEFORE}(?:[A-Za-z](?:\\+\\+|#)|[A-Z]\\*))`, "(?<number>\\d+(?:[.,]\\d+)+)", `(?<name>(?:(?![${CJK}])\\p{L}){2,}(?=\\d))`,
    `(?<word>(?![${CJK}])[${ALNUM}]${WITHIN}*(?:[${APOSTROPHES}]${WITHIN}+)*)`,
  ].join("|"), "gu");
  const CAPITALS = new Map([["US", "u.s."], ["IT", "i.t."], ["WHO", "w.h.o."]]);
  const ENCLITICS = ["'s", "'ll", "'ve", "'re", "'d", "'m", "n't"];
  const SAME_LETTER = { ø: "o", ł: "l", đ: "d", ı: "i", ŧ: "t", ħ: "h", æ: "ae", œ: "oe", þ: "th", ð: "d", ß: "ss", ي: "ی", ى: "ی", ك: "ک" };

  // Marks of Latin, Greek and Cyrillic letters; those of other scripts stay, and their words are found as they are typed.
  function fold(text) {
    const folded = text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC");
    return folded.replace(/[^\0-\x7f]/g, (letter) => SAME_LETTER[letter] ?? letter);
  }
  function token(start, end, word) {
    return { start, end, word, stem: stem(word) };
  }
  // Offsets are those of the text; a possessive or verbal ending is left out.
  function tokens(text) {
    const isShouted = text === text.toUpperCase() && text !== text.toLowerCase() && text.split(" ").length > 3;
    const found = [];
    for (const chunk of (isShouted ? text.toLowerCase() : text).matchAll(CHUNK)) {
      const end = chunk.index + chunk[0].length;
      for (const part of chunk[0].matchAll(PARTS)) found.push(...tokensOf(part, chunk.index + part.index));
      if (/\d$/.test(chunk[0]) && text[end] === "%") found.push(token(end, end + 1, "percent"));
    }
    return found;
  }
  function tokensOf(part, start) {
    const kind = Object.keys(part.groups).find((name) => part.groups[name] !== undefined), said = part[0];
    let end = start + said.length, word = CAPITALS.get(said) ?? fold(said);
    if (kind === "cjk") {
      const pair = (n) => token(start + n, Math.min(start + n + 2, end), said.slice(n, n + 2).normalize("NFKC"));
      return Array.from({ length: Math.max(1, said.length - 1) }, (_, n) => pair(n));
    }
    if (kind === "word") [word, end] = plainWord(said, end);
    if (kind === "dotted") {
      word = fold(said.replaceAll(".", ""));
      word = CAPITALS.get(word.toUpperCase()) ?? word;
    }
    if (kind === "coded") word = said.replace("-", "").toLowerCase();
    if (kind === "number" && said.includes(",")) {
      if (!/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(said)) {
        return [...said.matchAll(/[\d.]+/g)].map((one) => token(start + one.index, start + one.index + one[0].length, one[0]));
      }
      word = said.replaceAll(",", "");
    }
    return [token(start, end, word || said)];
  }
  function plainWord(said, end) {
    if (CAPITALS.has(said)) return [CAPITALS.get(said), end];
    let word = fold(said.replace(/[\u00ad\u200c\u200d]/g, "").replace(/[’ʼ＇]/g, "'")) || said;
    if (word.includes("'") && !known.functionWords.has(word)) {
      const ending = ENCLITICS.find((each) => word.endsWith(each)) ?? "";
      word = word.slice(0, word.length - ending.length).replaceAll("'", "") || word;
      end -= ending.length;
    } else if (word.endsWith("'s")) [word, end] = [word.slice(0, -2), end - 2];
    return [known.contractions.get(word) ?? word, end];
  }
  // What a question asks for, as index/text/tokens.py takes it: the words that tell something, or all if none does. The last is
  // looked up by its beginning, too, while it may still be typed.
  function termsOf(query) {
    const all = tokens(query);
    const isNamed = query !== query.toUpperCase() || all.length === 1;
    const content = all.filter(({ word, start }) => !known.functionWords.has(word) &&
      (word.length > 1 || !/^[a-z]$/.test(word) || (isNamed && /[B-HJ-Z]/.test(query[start]))));
    const telling = content.filter((each) => !known.askedFor.has(each.word));
    const terms = new Map();
    for (const each of telling.length ? telling : content.length ? content : all) {
      const isOpen = each.end === query.length && each.word.length >= 3;
      terms.set(each.stem, { stem: each.stem, begun: isOpen ? each.word : terms.get(each.stem)?.begun ?? null });
    }
    return [...terms.values()].slice(0, 12);
  }
  function isHit(term, stemmed) {
    return stemmed === term.stem || (term.begun !== null && stemmed.startsWith(term.begun));
  }

  // M. F. Porter, An algorithm for suffix stripping (1980), and his later ending of -logi, as in index/text/tokens.py.
  const VOWEL = "[aeiouy]", C = "[^aeiou][^aeiouy]*", V = "[aeiouy][aeiou]*";
  const M_GT_0 = new RegExp(`^(${C})?${V}${C}`), M_EQ_1 = new RegExp(`^(${C})?${V}${C}(${V})?$`);
  const M_GT_1 = new RegExp(`^(${C})?${V}${C}${V}${C}`), HAS_VOWEL = new RegExp(`^(${C})?${VOWEL}`);
  const CVC = new RegExp(`^${C}${VOWEL}[^aeiouwxy]$`);
  const STEP_2 = { ational: "ate", tional: "tion", enci: "ence", anci: "ance", izer: "ize", abli: "able", alli: "al", entli: "ent", eli: "e", ousli: "ous", ization: "ize", ation: "ate", ator: "ate", alism: "al", iveness: "ive", fulness: "ful", ousness: "ous", aliti: "al", iviti: "ive", biliti: "ble" };
  const STEP_3 = { icate: "ic", ative: "", alize: "al", iciti: "ic", ical: "ic", ful: "", ness: "" };
  const STEP_4 = /^(.+?)(al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize)$/;
  function longest(word, table) {
    return Object.keys(table).filter((ending) => word.endsWith(ending)).sort((a, b) => b.length - a.length)[0];
  }
  // As in index/text/spelling_variants.py: "behaviour" is "behavior".
  function american(word) {
    for (const [pattern, instead] of known.spellings) {
      const found = pattern.exec(word);
      if (found) return found[1] + instead + word.slice(found[0].length);
    }
    return word;
  }
  // A stem that a function word has, too, gets an apostrophe: else "Andes" would be "and".
  function stem(word) {
    const stemmed = porter(american(word));
    return known.functionStems.has(stemmed) && !known.functionWords.has(word) ? stemmed + "'" : stemmed;
  }
  function porter(given) {
    let word = given;
    if (word.length <= 2 || !/^[a-z0-9]+$/.test(word)) return word;
    const capital = word[0] === "y";
    if (capital) word = "Y" + word.slice(1);
    if (/^(.+?)(ss|i)es$/.test(word)) word = word.slice(0, -2);
    else if (/^(.+?)([^s])s$/.test(word)) word = word.slice(0, -1);
    let match;
    if ((match = /^(.+?)eed$/.exec(word))) {
      if (M_GT_0.test(match[1])) word = word.slice(0, -1);
    } else if ((match = /^(.+?)(ed|ing)$/.exec(word)) && HAS_VOWEL.test(match[1])) {
      word = match[1];
      if (/(at|bl|iz)$/.test(word)) word += "e";
      else if (/([^aeiouylsz])\1$/.test(word)) word = word.slice(0, -1);
      else if (CVC.test(word)) word += "e";
    }
    if ((match = /^(.+?)y$/.exec(word)) && HAS_VOWEL.test(match[1])) word = match[1] + "i";
    for (const table of [STEP_2, STEP_3]) {
      const ending = longest(word, table);
      if (ending && M_GT_0.test(word.slice(0, -ending.length))) word = word.slice(0, -ending.length) + table[ending];
    }
    if ((match = STEP_4.exec(word))) {
      if (M_GT_1.test(match[1])) word = match[1];
    } else if ((match = /^(.+?)(s|t)ion$/.exec(word)) && M_GT_1.test(match[1] + match[2])) word = match[1] + match[2];
    if ((match = /^(.+?)e$/.exec(word)) && (M_GT_1.test(match[1]) || (M_EQ_1.test(match[1]) && !CVC.test(match[1])))) word = match[1];
    if (/ll$/.test(word) && M_GT_1.test(word)) word = word.slice(0, -1);
    if (capital) word = "y" + word.slice(1);
    return /[aeiouy][^aeiouy]+[aeiouy]*logi$/.test(word) ? word.slice(0, -1) : word;
  }

  function shardOf(stemmed) {
    if (catalogue.shards.has(stemmed + "$")) return stemmed + "$";
    for (let length = stemmed.length; length > 0; length--) {
      if (catalogue.shards.has(stemmed.slice(0, length))) return stemmed.slice(0, length);
    }
    return null;
  }
  function fileOf(shard) {
    return [...shard].map((letter) => (/[a-z0-9]/.test(letter) ? letter : "_" + letter.codePointAt(0).toString(16))).join("");
  }
  // Each posting is a gap to the place before and a count: gap * 8 + count.
  function unpack(coded) {
    let place = -1;
    return coded.map((number) => [(place += number >> 3), number & 7]);
  }
  async function postings(term) {
    const found = new Map();
    const shards = new Set([shardOf(term.stem)]);
    if (term.begun !== null) {
      for (const each of catalogue.shards) if (each.startsWith(term.begun) && shards.size < 4) shards.add(each);
      shards.add(shardOf(term.begun));
    }
    shards.delete(null);
    for (const name of shards) {
      const stems = await json(fileOf(name));
      for (const [each, coded] of Object.entries(stems)) {
        if (!isHit(term, each)) continue;
        const weight = each === term.stem ? 1 : 0.5;
        for (const [place, count] of unpack(coded)) found.set(place, Math.max(found.get(place) ?? 0, weight * count));
      }
    }
    return found;
  }
  // The places that hold most of the terms, best first, and whether all of them hold every term.
  async function best(terms) {
    const scores = new Map();
    for (const term of terms) {
      const found = await postings(term);
      const idf = Math.log(1 + (catalogue.n - found.size + 0.5) / (found.size + 0.5));
      for (const [place, count] of found) {
        const [score, held] = scores.get(place) ?? [0, 0];
        scores.set(place, [score + (idf * count * 2.2) / (count + 1.2), held + 1]);
      }
    }
    const most = Math.max(0, ...[...scores.values()].map(([, held]) => held));
    const kept = [...scores].filter(([, [, held]]) => held >= Math.min(most, Math.ceil(terms.length / 2)));
    kept.sort((a, b) => b[1][0] * b[1][1] - a[1][0] * a[1][1] || a[0] - b[0]);
    return { places: kept.map(([place]) => place), areWhole: kept.every(([, [, held]]) => held === terms.length) };
  }
  function owner(place) {
    let low = 0, high = catalogue.episodes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (catalogue.episodes[middle][2] <= place) low = middle;
      else high = middle - 1;
    }
    return catalogue.episodes[low];
  }
  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function clock(seconds) {
    const pad = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60, rest = pad(Math.floor(seconds) % 60);
    return hours ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
  }
  function marked(text, terms) {
    const quote = element("blockquote");
    const [begin, close] = window.counterpointSay("quoted", { text: "\n" }).split("\n");
    let at = 0;
    quote.append(begin);
    for (const { start, end, stem } of tokens(text)) {
      if (start < at || !terms.some((term) => isHit(term, stem))) continue;
      quote.append(text.slice(at, start), element("mark", "", text.slice(start, end)));
      at = end;
    }
    quote.append(text.slice(at), close);
    return quote;
  }
  async function shown(place, terms, up) {
    const [slug, title, first] = owner(place);
    const ordinal = place - first + 1;
    const item = element("li");
    const by = element("p", "by");
    const link = element("a");
    link.append(element("b", "", title));
    by.append(link);
    item.append(by);
    const slice = (await page(slug)).getElementById(`p${ordinal}`);
    const sentences = slice ? [...slice.querySelectorAll("span[id]")] : [];
    const value = (sentence) => {
      const said = tokens(sentence.textContent).map((each) => each.stem);
      return terms.filter((term) => said.some((stem) => isHit(term, stem))).length;
    };
    const bestOne = sentences.reduce((held, each) => (held === null || value(each) > value(held) ? each : held), null);
    const address = `${up}episodes/${slug}.html#${bestOne?.id ?? "p" + ordinal}`;
    link.href = address;
    if (bestOne) {
      const who = bestOne.closest("p").querySelector(".who");
      if (who) by.append(" · " + who.textContent);
      item.append(marked(bestOne.textContent, terms));
      const figures = element("p", "figures");
      const read = element("a", "", bestOne.dataset.t ? window.counterpointSay("read_at", { clock: clock(+bestOne.dataset.t) }) : window.counterpointSay("read"));
      read.href = address;
      figures.append(slice.querySelector(".at span").textContent + " · ", read);
      item.append(figures);
    }
    return item;
  }
  async function load(up) {
    root = up;
    const told = await json("episodes");
    if (catalogue !== null) return;
    catalogue = { n: told.n, episodes: told.episodes, shards: new Set(told.shards) };
    const functionWords = new Set(told.words.function);
    known = {
      functionWords, functionStems: new Set([...functionWords, ...told.words.function.map(porter)]),
      spellings: told.words.spellings.map(([pattern, instead]) => [new RegExp(pattern), instead]),
      contractions: new Map(Object.entries(told.words.contractions)), askedFor: new Set(told.words.asked_for),
    };
  }
  function counted(n, areWhole) {
    const say = window.counterpointSay, count = window.counterpointCount;
    if (n > MOST) return areWhole ? say("first", { n: MOST }) : say("first_some", { n: MOST });
    return areWhole ? count("found", n) : count("found_some", n);
  }
  async function search(query, up) {
    await load(up);
    const terms = termsOf(query);
    const { places, areWhole } = await best(terms);
    if (!places.length) return [element("p", "", window.counterpointSay("no_word"))];
    const list = element("ol", "found");
    list.append(...(await Promise.all(places.slice(0, MOST).map((place) => shown(place, terms, up)))));
    return [element("p", "hint", counted(places.length, areWhole)), list];
  }
  search.tokens = async (texts, up) => {
    await load(up);
    return texts.map(tokens);
  };
  return search;
})();

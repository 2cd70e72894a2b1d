"use strict";
// Searches the static index (bot/pages/search_index.py): by words, with the stems and the inverted index of the program's own
// edition. What a question means is known to the served pages alone.
window.counterpointSearch = (function () {
  const MOST = 12;
  const FUNCTION_WORDS = new Set(
    ("a about above after again against ain't all also although am an and any are aren't as at be because been before being below between both " +
      "but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each eg either else even ever every few for from " +
      "further get gets getting got had hadn't has hasn't have haven't having he he'd he'll he's her here hers herself him himself his how " +
      "however i i'd i'll i'm i've ie if in into is isn't it it'd it'll it's its itself just let let's like many may me might mine more most much " +
      "must mustn't my myself neither no nor not now of off on once one ones only or other others our ours ourselves out over own per rather same " +
      "shall shan't she she'd she'll she's should shouldn't since so some still such than that that'd that'll that's the their theirs them " +
      "themselves then there there's these they they'd they'll they're they've this those though through thus to too under until up upon us use " +
      "used uses using very was wasn't we we'd we'll we're we've were weren't what what's whatever when where whether which while who who's whom " +
      "whose why will with within without won't would wouldn't yet you you'd you'll you're you've your yours yourself yourselves").split(" "),
  );
  const parsed = new Map();
  const pages = new Map();
  let catalogue = null;
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
  function fold(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase();
  }
  function words(text) {
    return [...fold(text).replace(/[’ʼ]/g, "'").matchAll(/[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)*/gu)].map((match) => match[0].replace(/'(s|ll|ve|re|d|m)$/, ""));
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
  // A stem that a function word has, too, gets an apostrophe: else "Andes" would be "and".
  function stem(word) {
    const stemmed = porter(word);
    return FUNCTION_STEMS.has(stemmed) && !FUNCTION_WORDS.has(word) ? stemmed + "'" : stemmed;
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

  const FUNCTION_STEMS = new Set([...FUNCTION_WORDS, ...[...FUNCTION_WORDS].map(porter)]);

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
  async function postings(word, isLast) {
    const stemmed = stem(word);
    const found = new Map();
    const shard = shardOf(stemmed);
    const shards = new Set(shard === null ? [] : [shard]);
    if (isLast && word.length >= 3) {
      for (const each of catalogue.shards) if (each.startsWith(word) && shards.size < 4) shards.add(each);
      const own = shardOf(word);
      if (own) shards.add(own);
    }
    for (const name of shards) {
      const stems = await json(fileOf(name));
      for (const [each, coded] of Object.entries(stems)) {
        const is = each === stemmed;
        if (!is && !(isLast && word.length >= 3 && each.startsWith(word))) continue;
        for (const [place, count] of unpack(coded)) found.set(place, Math.max(found.get(place) ?? 0, is ? count : count / 2));
      }
    }
    return found;
  }
  async function best(query) {
    const all = words(query);
    const telling = all.filter((word) => !FUNCTION_WORDS.has(word));
    const asked = [...new Set(telling.length ? telling : all)].slice(0, 12);
    const isOpen = !/\s$/.test(query);
    const scores = new Map();
    for (const [number, word] of asked.entries()) {
      const found = await postings(word, isOpen && word === all.at(-1) && number === asked.length - 1);
      const idf = Math.log(1 + (catalogue.n - found.size + 0.5) / (found.size + 0.5));
      for (const [place, count] of found) {
        const [score, held] = scores.get(place) ?? [0, 0];
        scores.set(place, [score + (idf * count * 2.2) / (count + 1.2), held + 1]);
      }
    }
    const most = Math.max(0, ...[...scores.values()].map(([, held]) => held));
    return [...scores]
      .filter(([, [, held]]) => held >= Math.min(most, Math.ceil(asked.length / 2)))
      .sort((a, b) => b[1][0] * b[1][1] - a[1][0] * a[1][1] || a[0] - b[0])
      .slice(0, MOST)
      .map(([place]) => place);
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
  function marked(text, stems) {
    const quote = element("blockquote");
    const [begin, end] = window.counterpointSay("quoted", { text: "\n" }).split("\n");
    quote.append(begin);
    for (const part of text.split(/(\s+)/)) {
      const is = words(part).some((word) => stems.has(stem(word)));
      quote.append(is ? element("mark", "", part) : part);
    }
    quote.append(end);
    return quote;
  }
  async function shown(place, query, up) {
    const [slug, title, first] = owner(place);
    const ordinal = place - first + 1;
    const item = element("li");
    const by = element("p", "by");
    const link = element("a");
    link.append(element("b", "", title));
    by.append(link);
    item.append(by);
    const slice = (await page(slug)).getElementById(`p${ordinal}`);
    const stems = new Set(words(query).filter((word) => !FUNCTION_WORDS.has(word)).map(stem));
    const sentences = slice ? [...slice.querySelectorAll("span[id]")] : [];
    const value = (sentence) => new Set(words(sentence.textContent).map(stem).filter((each) => stems.has(each))).size;
    const bestOne = sentences.reduce((held, each) => (held === null || value(each) > value(held) ? each : held), null);
    const address = `${up}episodes/${slug}.html#${bestOne?.id ?? "p" + ordinal}`;
    link.href = address;
    if (bestOne) {
      const who = bestOne.closest("p").querySelector(".who");
      if (who) by.append(" · " + who.textContent);
      item.append(marked(bestOne.textContent, stems));
      const figures = element("p", "figures");
      const read = element("a", "", bestOne.dataset.t ? window.counterpointSay("read_at", { clock: clock(+bestOne.dataset.t) }) : window.counterpointSay("read"));
      read.href = address;
      figures.append(slice.querySelector(".at span").textContent + " · ", read);
      item.append(figures);
    }
    return item;
  }
  async function search(query, up) {
    root = up;
    if (catalogue === null) {
      const told = await json("episodes");
      catalogue = { n: told.n, episodes: told.episodes, shards: new Set(told.shards) };
    }
    const places = await best(query);
    if (!places.length) return [element("p", "", window.counterpointSay("no_word"))];
    const list = element("ol", "found");
    list.append(...(await Promise.all(places.map((place) => shown(place, query, up)))));
    return [element("p", "hint", window.counterpointCount("found", places.length)), list];
  }
  search.stem = stem;
  return search;
})();

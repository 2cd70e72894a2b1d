"use strict";
// What index/text/receipts.py does, in a browser; tests/bot/pages/test_receipts_in_browser.py holds both to the same answers.
window.counterpointReceipts = (function () {
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const MOVED_S = 1.0, MOST_LETTERS = 12, MOST_AROUND = 6, SURE_WORDS = 6, LEAST_AROUND = 3, LEAST_AFTER = 4, SLACK = 2;
  const LEAST_PATTERN = 8, MOST_CHANGED = 0.4, LEAST_KEPT = 0.5, REACH = 2;
  const BASES = [0x811c9dc5, 0x050c5d1f];
  const IDEOGRAPH = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff";
  const WORD = new RegExp(`[${IDEOGRAPH}]|(?:(?![${IDEOGRAPH}])[\\p{L}\\p{N}\\p{M}])+`, "gu");
  const FORM = /^(n|\d{1,8})\.(\d{1,5})\.([\w-]{6})\.([\w-]{0,6})\.([\w-]{1,12})\.([\w-]{0,6})$/;
  const encoder = new TextEncoder();

  function wordsAt(text) {
    const found = [];
    for (const chunk of text.matchAll(/\S+/gu)) {
      const plain = chunk[0].normalize("NFKC").toLowerCase().replace(/['’ʼ]/gu, "");
      for (const word of plain.matchAll(WORD)) found.push([chunk.index, word[0]]);
    }
    return found;
  }
  function fnv(data, base) {
    let hashed = base;
    for (const byte of data) hashed = Math.imul(hashed ^ byte, 0x01000193) >>> 0;
    return hashed;
  }
  function letterOf(word) {
    const hashed = fnv(encoder.encode(word), BASES[0]);
    return ALPHABET[(hashed ^ (hashed >>> 15)) & 63];
  }
  function digestOf(words) {
    const data = encoder.encode(words.join(" "));
    const [high, low] = BASES.map((base) => fnv(data, base) & 0x3ffff);
    let written = "";
    for (const part of [high, low]) for (const shift of [12, 6, 0]) written += ALPHABET[(part >>> shift) & 63];
    return written;
  }
  function read(text) {
    const match = FORM.exec(text ?? "");
    if (!match || +match[2] < 1 || match[5].length !== Math.min(+match[2], MOST_LETTERS)) return null;
    const [, tenths, n, digest, before, said, after] = match;
    return { tenths: tenths === "n" ? null : +tenths, n: +n, digest, before, said, after };
  }
  // words: of one slice, with `first` and `stop` of the quote among them.
  function make(words, first, stop, second) {
    if (stop <= first) return null;
    const letters = words.slice(Math.max(0, first - MOST_AROUND), stop + MOST_AROUND).map(letterOf);
    const before = Math.min(first, MOST_AROUND), said = stop - first;
    return [
      second === null ? "n" : Math.round(second * 10), said, digestOf(words.slice(first, stop)),
      letters.slice(0, before).join(""), letters.slice(before, before + Math.min(said, MOST_LETTERS)).join(""),
      letters.slice(before + said).join(""),
    ].join(".");
  }
  // spoken: { words, letters, secondOf(word) }
  function check(receipt, spoken) {
    const moved = (word) => {
      const second = spoken.secondOf(word);
      return second === null || receipt.tenths === null ? null : second - receipt.tenths / 10;
    };
    return same(receipt, spoken, moved) ?? changed(receipt, spoken, moved);
  }
  function leastAround(receipt) {
    const known = receipt.before.length + receipt.after.length;
    return receipt.n >= SURE_WORDS ? Math.min(LEAST_AROUND, known) : Math.max(LEAST_AROUND, Math.floor((known * 3) / 4));
  }
  function common(pattern, text) {
    let row = new Array(text.length + 1).fill(0);
    for (const letter of pattern) {
      const above = row;
      row = [0];
      for (let place = 0; place < text.length; place++) {
        row.push(letter === text[place] ? above[place] + 1 : Math.max(above[place + 1], row[place]));
      }
    }
    return row.at(-1);
  }
  function heldAround(receipt, letters, at) {
    const { before, after } = receipt, end = at + receipt.n;
    const held = before ? common(before, letters.slice(Math.max(0, at - before.length - SLACK), at)) : 0;
    return held + (after ? common(after, letters.slice(end, end + after.length + SLACK)) : 0);
  }
  function hasWords(receipt, spoken, at) {
    return digestOf(spoken.words.slice(at, at + receipt.n)) === receipt.digest;
  }
  function same(receipt, spoken, moved) {
    let best = null;
    for (let at = spoken.letters.indexOf(receipt.said); at >= 0; at = spoken.letters.indexOf(receipt.said, at + 1)) {
      if (!hasWords(receipt, spoken, at)) continue;
      const held = heldAround(receipt, spoken.letters, at), away = moved(at);
      if (receipt.n < SURE_WORDS && !isItsPlace(receipt, spoken.letters, at, held, away)) continue;
      const far = Math.abs(away ?? 0);
      if (!best || held > best.held || (held === best.held && far < best.far)) best = { held, far, at };
    }
    return best && verdictOnSame(receipt, spoken, moved, best.at, best.held);
  }
  function isItsPlace(receipt, letters, at, held, away) {
    const known = receipt.before.length + receipt.after.length;
    const near = away !== null && Math.abs(away) <= MOVED_S;
    if (held < (near ? Math.min(known, SURE_WORDS - receipt.n) : leastAround(receipt))) return false;
    return fitsBest(receipt, letters, at);
  }
  function patternOf({ n, before, said, after }) {
    return before + said + (n <= MOST_LETTERS ? after : "");
  }
  function fitsBest(receipt, letters, at) {
    const { before, after, n } = receipt, end = at + n, back = (text) => [...text].reverse().join("");
    let distance = distances(before, letters.slice(Math.max(0, at - REACH * before.length), at)).at(-1);
    if (n <= MOST_LETTERS) distance += distances(back(after), back(letters.slice(end, end + REACH * after.length))).at(-1);
    return distance <= distances(patternOf(receipt), letters).reduce((a, b) => Math.min(a, b));
  }
  function verdictOnSame(receipt, spoken, moved, at, held) {
    const away = moved(at);
    const kind = away === null || Math.abs(away) <= MOVED_S ? "as quoted" : "moved";
    const isSurrounded = kind === "as quoted" || (held >= leastAround(receipt) && fitsBest(receipt, spoken.letters, at));
    return { kind, word: at, n: receipt.n, second: spoken.secondOf(at), moved: away, isSurrounded };
  }
  function changed(receipt, spoken, moved) {
    const gone = { kind: "gone", word: null, n: 0, second: null, moved: null, isSurrounded: true };
    const isWhole = receipt.n <= MOST_LETTERS;
    const pattern = patternOf(receipt);
    if (pattern.length < LEAST_PATTERN || !spoken.letters) return gone;
    const b = receipt.before.length, s = receipt.said.length;
    let best = null, nLike = 0;
    for (const [end, distance] of nearestEnds(pattern, spoken.letters)) {
      const start = Math.max(0, end - REACH * pattern.length);
      const matched = aligned(pattern, spoken.letters.slice(start, end));
      const own = matched.filter(([number]) => number >= b && number < b + s).map(([, place]) => start + place);
      if (!own.length || own.length < LEAST_KEPT * s) continue;
      nLike++;
      const first = firstOf(matched, b, start), far = Math.abs(moved(first) ?? 0);
      if (!best || distance < best.distance || (distance === best.distance && far < best.far)) {
        best = { distance, far, first, last: own.at(-1), held: matched.length - own.length };
      }
    }
    if (!best) return gone;
    const { first } = best;
    if (hasWords(receipt, spoken, first)) return verdictOnSame(receipt, spoken, moved, first, best.held);
    const held = best.held + (isWhole ? 0 : heldAfter(receipt, spoken.letters, first));
    const n = isWhole ? best.last - first + 1 : receipt.n;
    const isSurrounded = nLike === 1 && held >= Math.max(LEAST_AROUND, leastAround(receipt));
    return { kind: "changed", word: first, n, second: spoken.secondOf(first), moved: moved(first), isSurrounded };
  }
  function heldAfter(receipt, letters, first) {
    const { n, after } = receipt;
    const window = letters.slice(first + Math.floor((n * 3) / 4), first + Math.floor((n * 5) / 4) + after.length + SLACK);
    const held = after && window ? after.length - Math.min(...distances(after, window)) : 0;
    return held >= LEAST_AFTER ? held : 0;
  }
  function distances(pattern, text) {
    let row = new Int32Array(text.length + 1);
    for (let number = 1; number <= pattern.length; number++) {
      const next = new Int32Array(text.length + 1);
      next[0] = number;
      for (let place = 1; place <= text.length; place++) {
        next[place] = Math.min(row[place - 1] + (pattern[number - 1] !== text[place - 1]), row[place] + 1, next[place - 1] + 1);
      }
      row = next;
    }
    return row;
  }
  function nearestEnds(pattern, text) {
    const row = distances(pattern, text);
    const limit = Math.floor(MOST_CHANGED * pattern.length);
    const ends = [...row.keys()].filter((end) => row[end] <= limit).sort((a, b) => row[a] - row[b] || a - b);
    const found = [];
    for (const end of ends) {
      if (found.every(([other]) => Math.abs(end - other) > pattern.length)) found.push([end, row[end]]);
      if (found.length === 4) break;
    }
    return found;
  }
  function aligned(pattern, text) {
    const rows = [new Array(text.length + 1).fill(0)];
    for (let number = 1; number <= pattern.length; number++) {
      const row = [number];
      for (let place = 1; place <= text.length; place++) {
        row.push(Math.min(rows[number - 1][place - 1] + (pattern[number - 1] !== text[place - 1]), rows[number - 1][place] + 1, row[place - 1] + 1));
      }
      rows.push(row);
    }
    const matched = [];
    let number = pattern.length, place = text.length;
    while (number && place) {
      const is = pattern[number - 1] === text[place - 1];
      if (rows[number][place] === rows[number - 1][place - 1] + !is) {
        if (is) matched.push([number - 1, place - 1]);
        number--;
        place--;
      } else if (rows[number][place] === rows[number - 1][place] + 1) number--;
      else place--;
    }
    return matched.reverse();
  }
  function firstOf(matched, first, start) {
    const before = matched.filter(([number]) => number <= first).at(-1);
    if (before) {
      const gap = first - before[0], after = matched.find(([number]) => number > before[0]);
      return start + before[1] + (gap && after ? Math.min(gap, after[1] - before[1]) : gap);
    }
    return Math.max(start, start + matched[0][1] - (matched[0][0] - first));
  }
  return { read, make, check, wordsAt, letterOf, digestOf };
})();

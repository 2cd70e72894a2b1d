"use strict";
// An episode's page: checks the receipt of the link that opened it, cites sentences, and plays the recording once asked to.
(function () {
  const article = document.querySelector("article.episode");
  const transcript = document.getElementById("transcript");
  if (!article || !transcript) return;
  const receipts = window.counterpointReceipts, say = window.counterpointSay, count = window.counterpointCount;
  const sentences = [...transcript.querySelectorAll("span[id]")];
  const second = (sentence) => (sentence.dataset.t === undefined ? null : +sentence.dataset.t);
  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds)), pad = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
  };

  // All words of the transcript with their sentences; made when a receipt is to be checked.
  function spokenWords() {
    const words = [], places = [];
    sentences.forEach((sentence, number) => {
      for (const [offset, word] of receipts.wordsAt(sentence.textContent)) {
        words.push(word);
        places.push([number, offset]);
      }
    });
    return {
      words, places, letters: words.map(receipts.letterOf).join(""),
      secondOf(word) {
        const [number, offset] = places[word], start = second(sentences[number]);
        if (start === null || !offset) return start;
        const next = sentences[number + 1] ? second(sentences[number + 1]) : null;
        return next === null ? start : start + ((next - start) * offset) / sentences[number].textContent.length;
      },
    };
  }
  function checkReceipt() {
    const given = new URLSearchParams(location.search).get("r");
    const receipt = given && receipts.read(given);
    if (!given) return;
    const note = document.getElementById("receipt");
    const show = (kind, text, target) => {
      note.classList.add(kind.replace(" ", "-"));
      note.textContent = text;
      if (target) {
        const link = document.createElement("a");
        link.href = "#" + target.id;
        link.textContent = say("go_there");
        note.append(" ", link);
      }
      note.hidden = false;
    };
    if (!receipt) return show("gone", say("receipt_unread"));
    const spoken = spokenWords();
    const found = receipts.check(receipt, spoken);
    if (found.kind === "gone") return show("gone", say("gone"));
    const first = spoken.places[found.word][0];
    const last = spoken.places[Math.min(spoken.places.length, found.word + found.n) - 1][0];
    for (const sentence of sentences.slice(first, last + 1)) sentence.classList.add("quoted");
    const seconds = found.moved === null ? 0 : Math.round(found.moved);
    const shift = Math.abs(seconds) <= 1 ? "" : count(seconds > 0 ? "later" : "earlier", Math.abs(seconds));
    const shifted = (key) => (shift ? say(key + "_by", { shift }) : say(key));
    if (found.kind === "as quoted") show(found.kind, say("as_quoted"), sentences[first]);
    if (found.kind === "moved") {
      show(found.kind, shifted("moved") + (found.isSurrounded ? "" : " " + say("other_surroundings")), sentences[first]);
    }
    if (found.kind === "changed") {
      show(found.kind, shifted(found.isSurrounded ? "changed" : "alike"), sentences[first]);
    }
    sentences[first].scrollIntoView({ block: "center" });
  }

  // #t=123.4 names a second; the sentence said then is shown.
  function followTime() {
    const match = /^#t=(\d+(?:\.\d+)?)/.exec(location.hash);
    if (!match) return;
    const timed = sentences.filter((sentence) => second(sentence) !== null);
    const said = timed.filter((sentence) => second(sentence) <= +match[1] + 0.05).at(-1) ?? timed[0];
    if (!said) return;
    choose(said, false);
    said.scrollIntoView({ block: "center" });
  }

  const tools = document.createElement("div");
  tools.className = "tools";
  tools.setAttribute("role", "toolbar");
  tools.setAttribute("aria-label", say("tools"));
  const told = document.createElement("span");
  told.className = "told";
  told.setAttribute("role", "status");
  let chosen = null;
  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "plain";
    made.textContent = label;
    made.addEventListener("click", act);
    tools.append(made);
    return made;
  }
  function choose(sentence, focus) {
    chosen?.classList.remove("chosen");
    chosen = sentence;
    chosen.classList.add("chosen");
    told.textContent = second(chosen) === null ? "" : clock(second(chosen));
    const slice = chosen.closest(".slice");
    if (tools.parentElement !== slice) slice.append(tools);
    playButton.hidden = !(article.dataset.video || isMedia(article.dataset.url)) || second(chosen) === null;
    if (focus) tools.querySelector("button").focus();
  }
  function linkTo(sentence) {
    const slice = sentence.closest(".slice");
    const words = [];
    let first = 0, stop = 0;
    for (const each of slice.querySelectorAll("span[id]")) {
      if (each === sentence) first = words.length;
      words.push(...receipts.wordsAt(each.textContent).map(([, word]) => word));
      if (each === sentence) stop = words.length;
    }
    const receipt = receipts.make(words, first, stop, second(sentence));
    const page = article.dataset.page ?? location.href.split(/[?#]/)[0];
    return page + (receipt ? "?r=" + receipt : "") + "#" + sentence.id;
  }
  async function copyLink() {
    const link = linkTo(chosen);
    try {
      await navigator.clipboard.writeText(link);
      told.textContent = say("copied");
    } catch {
      history.replaceState(null, "", link.startsWith(location.origin) ? link : "#" + chosen.id);
      told.textContent = say("in_address");
    }
  }
  function cardOf(sentence) {
    const slice = sentence.closest(".slice"), at = slice.querySelector(".at span").textContent;
    return {
      text: sentence.textContent.trim(), who: sentence.closest("p").querySelector(".who")?.textContent ?? "",
      title: article.dataset.title, position: at.split(" ")[0], band: slice.dataset.band,
      when: second(sentence) === null ? "" : clock(second(sentence)), colour: colourOf(slice),
    };
  }
  function colourOf(part) {
    return getComputedStyle(part).getPropertyValue("--c").trim() || "#1293b8";
  }
  button(say("copy"), copyLink);
  const playButton = button(say("play"), () => play(second(chosen)));
  button(say("picture"), () => {
    window.counterpointCards.save([cardOf(chosen)], linkTo(chosen), `${article.dataset.slug}-${chosen.id}.png`);
    told.textContent = say("picture_saved");
  });
  button(say("previous"), () => step(-1)).setAttribute("aria-label", say("previous_sentence"));
  button(say("next"), () => step(1)).setAttribute("aria-label", say("next_sentence"));
  button(say("close"), () => {
    const cite = chosen.closest(".slice").querySelector(".cite");
    chosen.classList.remove("chosen");
    tools.remove();
    cite.focus();
  });
  tools.append(told);
  function step(by) {
    const next = sentences[sentences.indexOf(chosen) + by];
    if (!next) return;
    const focused = document.activeElement;
    choose(next, false);
    if (tools.contains(focused)) focused.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest"});
  }
  transcript.addEventListener("click", (event) => {
    const sentence = event.target.closest(".slice span[id]");
    if (sentence && getSelection().isCollapsed) choose(sentence, false);
  });
  for (const head of transcript.querySelectorAll(".slice .at")) {
    const cite = document.createElement("button");
    cite.type = "button";
    cite.className = "cite";
    cite.textContent = say("cite");
    cite.setAttribute("aria-label", say("cite_at", { place: head.querySelector("a").textContent }));
    cite.addEventListener("click", () => choose(head.closest(".slice").querySelector("span[id]"), true));
    head.append(cite);
  }
  for (const pair of document.querySelectorAll("[data-pair]")) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "plain";
    made.textContent = say("picture_of_both");
    made.addEventListener("click", () => {
      const quotes = [...pair.querySelectorAll(".said")].map((said) => {
        const stand = said.querySelector(".stand");
        const [position, ...band] = stand.textContent.trim().split(" ");
        const read = said.querySelector("figcaption a");
        return {
          text: said.querySelector("blockquote").textContent.trim().replace(/^[“„]|[”“]$/g, ""), who: said.querySelector("figcaption b").textContent,
          title: "", position, band: band.join(" "), when: read.dataset.when ?? "", colour: colourOf(stand),
        };
      });
      const page = article.dataset.page ?? location.href.split(/[?#]/)[0];
      window.counterpointCards.save(quotes, page, `${article.dataset.slug}-pair.png`);
    });
    const row = document.createElement("p");
    row.append(made);
    pair.after(row);
  }

  // Nothing is loaded from elsewhere before somebody presses play.
  let player = null;
  function isMedia(address) {
    return /\.(mp3|m4a|aac|ogg|oga|opus|wav|mp4|webm|m4v)(\?|#|$)/i.test(address ?? "");
  }
  function play(from) {
    const video = article.dataset.video;
    player?.remove();
    player = document.createElement("div");
    player.className = "player";
    if (video) {
      const frame = document.createElement("iframe");
      frame.src = `https://www.youtube-nocookie.com/embed/${video}?autoplay=1&start=${Math.max(0, Math.floor((from ?? 0) - 2))}`;
      frame.title = say("recording");
      frame.allow = "autoplay; encrypted-media; fullscreen";
      frame.referrerPolicy = "strict-origin-when-cross-origin";
      player.append(frame);
    } else {
      const media = document.createElement(/\.(mp4|webm|m4v)/i.test(article.dataset.url) ? "video" : "audio");
      media.controls = true;
      media.src = article.dataset.url.split("#")[0] + "#t=" + Math.max(0, (from ?? 0) - 2);
      media.autoplay = true;
      player.append(media);
    }
    const stop = document.createElement("button");
    stop.type = "button";
    stop.textContent = say("close_player");
    stop.addEventListener("click", () => {
      player.remove();
      player = null;
    });
    player.append(stop);
    article.prepend(player);
  }
  const open = document.getElementById("play");
  if (open && (article.dataset.video || isMedia(article.dataset.url))) {
    open.textContent = say("play_here");
    open.addEventListener("click", (event) => {
      event.preventDefault();
      play(0);
    });
  } else if (open) {
    open.parentElement.querySelector(".hint").hidden = true;
  }
  checkReceipt();
  followTime();
  addEventListener("hashchange", followTime);
})();

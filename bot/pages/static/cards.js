"use strict";
// Pictures of one quote, or of two that answer each other, drawn in the browser as bot/render/png/quote_card.py draws them.
window.counterpointCards = (function () {
  const WIDTH = 1200, MARGIN = 64, GAP = 40;
  const SERIF = 'Charter, "Iowan Old Style", "Noto Serif", Georgia, serif';
  const SANS = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';
  function lines(pen, text, width) {
    const found = [];
    let line = "";
    for (const word of text.split(" ")) {
      const longer = line ? line + " " + word : word;
      if (line && pen.measureText(longer).width > width) {
        found.push(line);
        line = word;
      } else line = longer;
    }
    if (line) found.push(line);
    return found;
  }
  // quotes: one or two of { text, who, title, position, band, when, colour }; link: a line at the foot.
  function draw(quotes, link) {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const width = (WIDTH - 2 * MARGIN - GAP * (quotes.length - 1)) / quotes.length;
    const longest = Math.max(...quotes.map((quote) => quote.text.length));
    const size = quotes.length > 1 ? (longest > 260 ? 25 : 30) : longest > 320 ? 30 : longest > 140 ? 38 : 46;
    pen.font = `${size}px ${SERIF}`;
    const set = quotes.map((quote) => lines(pen, window.counterpointSay("quoted", { text: quote.text }), width - 28));
    const height = Math.max(420, MARGIN * 2 + Math.max(...set.map((each) => each.length)) * size * 1.36 + 190);
    canvas.width = WIDTH;
    canvas.height = Math.ceil(height);
    pen.fillStyle = "#171a21";
    pen.fillRect(0, 0, WIDTH, height);
    quotes.forEach((quote, number) => {
      const x = MARGIN + number * (width + GAP);
      let y = MARGIN;
      pen.fillStyle = quote.colour;
      pen.fillRect(x, y, 8, height - MARGIN * 2 - 60);
      pen.fillStyle = "#f3f5f8";
      pen.font = `${size}px ${SERIF}`;
      y += size;
      for (const line of set[number]) {
        pen.fillText(line, x + 28, y);
        y += size * 1.36;
      }
      y += 14;
      pen.font = `600 26px ${SANS}`;
      for (const line of lines(pen, quote.who || quote.title, width - 28).slice(0, 1)) pen.fillText(line, x + 28, y);
      pen.font = `22px ${SANS}`;
      pen.fillStyle = "#a9b2c1";
      const told = [quote.who ? quote.title : "", quote.when].filter(Boolean).join(" · ");
      y += 34;
      for (const line of lines(pen, told, width - 28).slice(0, 2)) {
        pen.fillText(line, x + 28, y);
        y += 30;
      }
      pen.beginPath();
      pen.arc(x + 38, y - 4, 9, 0, 7);
      pen.fillStyle = quote.colour;
      pen.fill();
      pen.fillStyle = "#f3f5f8";
      pen.fillText(`${quote.position} ${quote.band}`, x + 56, y + 4);
    });
    pen.fillStyle = "#a9b2c1";
    pen.font = `20px ${SANS}`;
    let shown = link;
    while (pen.measureText(shown).width > WIDTH - 2 * MARGIN) shown = shown.slice(0, -2) + "…";
    pen.fillText(shown, MARGIN, height - MARGIN + 18);
    return canvas;
  }
  function save(quotes, link, name) {
    draw(quotes, link).toBlob((blob) => {
      const anchor = document.createElement("a");
      anchor.href = URL.createObjectURL(blob);
      anchor.download = name;
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
    });
  }
  return { draw, save };
})();

/** An article as people write it. */

const DIGITS = "零一二三四五六七八九";
const UNITS = new Map([["十", 10], ["百", 100], ["千", 1000]]);
const NUMBER = "([0-9]+|[零一二三四五六七八九十百千]+)";
const WRITTEN = new RegExp(`^(.{2,}?)[#第]?${NUMBER}[条]?(?:[之]${NUMBER})?$`);

/** 一千零四十三 → 1043; "1043" → 1043. */
function value(text) {
  if (/^\d+$/.test(text)) return Number(text);
  let total = 0;
  let digit = 0;
  for (const sign of text) {
    if (UNITS.has(sign)) {
      total += (digit || 1) * UNITS.get(sign);
      digit = 0;
    } else digit = DIGITS.indexOf(sign);
  }
  return total + digit;
}

/** "《民法典》第一千零四十三条", "民法典 1043", "刑法第287条之二" → "民法典#1043", "刑法#287之2"; else null. */
export function articleRef(text) {
  const [, law, main, extra] = text.replace(/[《》\s]/g, "").match(WRITTEN) || [];
  return law ? `${law}#${value(main)}${extra ? `之${value(extra)}` : ""}` : null;
}

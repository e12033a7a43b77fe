// What must hold on a page. Each check gives the list of what is wrong, empty when nothing is.

import axe from 'axe-core';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const stops = 12;

export const checks = {
  // WCAG 2.2 AA and best practice, as far as a machine can see it.
  axe: (page) => violations(page, {}),

  // With forced colours the palette is the reader's, so its contrast is not ours to judge.
  axeWithoutContrast: (page) => violations(page, { 'color-contrast': { enabled: false } }),

  async landmarks(page) {
    const count = (selector) => page.locator(selector).count();
    const wrong = [];
    if ((await count('h1')) !== 1) wrong.push(`${await count('h1')} h1 elements instead of one`);
    if ((await count('main')) !== 1) wrong.push(`${await count('main')} main elements instead of one`);
    if (!(await page.title()).trim()) wrong.push('no title');
    return wrong;
  },

  // WCAG 1.4.10: at 320 px nothing scrolls sideways.
  async reflow(page) {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    return width <= 320 ? [] : [`scrollWidth is ${width} at 320 px`];
  },

  // WCAG 2.4.1, 2.4.7: the first stop skips to the content, and every stop shows where it is.
  async keyboard(page) {
    const wrong = [];
    for (let stop = 0; stop < stops; stop += 1) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate(focused);
      if (!focus) break;
      if (stop === 0 && !focus.href?.startsWith('#')) wrong.push(`the first stop is no skip link but ${focus.html}`);
      if (focus.style === 'none' || focus.width < 2) wrong.push(`no visible focus on ${focus.html}`);
    }
    return wrong;
  },
};

async function violations(page, rules) {
  await page.evaluate(axe.source);
  const options = { runOnly: tags, rules };
  const result = await page.evaluate((options) => window.axe.run(options), options);
  if (result.passes.length === 0) return ['axe checked nothing'];
  return result.violations.flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map((node) => `axe ${id}: ${help}: ${node.target.join(' ')} ${node.html.slice(0, 160)}`));
}

function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return {
    href: element.getAttribute('href'),
    html: element.outerHTML.slice(0, 120),
    style: outlineStyle,
    width: Number.parseFloat(outlineWidth),
  };
}

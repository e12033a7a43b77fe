// Chromium, and the ways in which every page is looked at.

import { accessSync, constants } from 'node:fs';
import { chromium } from 'playwright-core';

// No GPU, no telemetry, no background requests: nothing but the pages under test.
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function launch() {
  const executablePath = process.env.PLUMBLINE_CHROMIUM ?? usual.find(runs);
  if (!executablePath) throw new Error(`no Chromium at ${usual.join(', ')}; PLUMBLINE_CHROMIUM may name one`);
  return chromium.launch({ executablePath, headless: true, args: flags });
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

// Light and dark, desktop and phone, with and without our script; then what only one look can tell.
// axe is itself a script, so without ours the browser gets empty files, and a last look has no engine at all.
export const looks = [
  ...['light', 'dark'].flatMap((colorScheme) =>
    [desktop, phone].flatMap((viewport) =>
      [false, true].map((withholdsScripts) => ({
        name: `${colorScheme} ${viewport.width}${withholdsScripts ? ' without script' : ''}`,
        context: { colorScheme, viewport },
        withholdsScripts,
        // Further samples of a kind of page, with other data, are looked at in two opposite ways only.
        furtherSamples: !withholdsScripts && (colorScheme === 'light') === (viewport === desktop),
        checks: ['axe', 'landmarks'],
      })))),
  { name: 'no script engine', context: { viewport: desktop, javaScriptEnabled: false }, checks: ['landmarks'] },
  {
    name: 'forced colours',
    context: { colorScheme: 'dark', forcedColors: 'active', viewport: desktop },
    checks: ['axeWithoutContrast'],
  },
  { name: 'reflow 320', context: { viewport: { width: 320, height: 700 } }, furtherSamples: true, checks: ['reflow'] },
  { name: 'keyboard', context: { viewport: desktop }, checks: ['keyboard'] },
];

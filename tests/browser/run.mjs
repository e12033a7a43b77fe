// Looks at every kind of page of the real service in every way that matters. `node run.mjs [BINARY]`

import { launch, looks } from './browser.mjs';
import { checks } from './checks.mjs';
import { discover } from './routes.mjs';
import { start } from './service.mjs';

const binary = process.argv[2] ?? process.env.PLUMBLINE_BINARY ?? '../../target/debug/plumbline';
const fewestPages = 10;
const atOnce = 2;
const patience = 30_000;

const count = { passed: 0, failed: 0 };

function report(where, wrong) {
  if (wrong.length === 0) {
    count.passed += 1;
    return;
  }
  count.failed += 1;
  console.log(`FAILED ${where}`);
  for (const what of wrong) console.log(`       ${what}`);
}

// A link opens a session, perhaps after a button that keeps link previews from using it up.
async function signIn(browser, service) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(service.login);
  if (new URL(page.url()).pathname === '/login') {
    await page.locator('main form button').first().click();
    await page.waitForURL((url) => url.pathname !== '/login');
  }
  await page.close();
  return context;
}

// Opens a page and gathers what the browser complains about while it does.
async function visit(context, url, look) {
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => {
    const expected = message.location().url === url && /status of 404/.test(message.text());
    if (message.type() === 'error' && !expected) wrong.push(`console: ${message.text()}`);
    else if (/Content Security Policy/i.test(message.text())) wrong.push(`policy: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`script: ${error.message}`));
  page.on('requestfailed', (request) => wrong.push(`request: ${request.url()} ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) wrong.push(`request to elsewhere: ${request.url()}`);
  });
  try {
    await page.goto(url, { waitUntil: 'load' });
    for (const name of look.checks) wrong.push(...(await within(patience, name, checks[name](page))));
  } catch (error) {
    wrong.push(firstLine(error));
  } finally {
    await page.close();
  }
  return wrong;
}

function within(milliseconds, name, work) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} did not end within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

function firstLine(error) {
  return error.message.split('\n')[0];
}

async function withholdScripts(context) {
  const empty = { contentType: 'text/javascript', body: '' };
  await context.route((url) => url.pathname.endsWith('.js'), (route) => route.fulfill(empty));
}

async function lookAround(browser, service, pages, storageState, look) {
  const member = await browser.newContext({ ...look.context, storageState });
  const stranger = await browser.newContext(look.context);
  if (look.withholdsScripts) await Promise.all([member, stranger].map(withholdScripts));
  for (const { path, further } of pages) {
    if (further && !look.furtherSamples) continue;
    const context = path === '/login' ? stranger : member;
    report(`${path} · ${look.name}`, await visit(context, service.origin + path, look));
  }
  await member.close();
  await stranger.close();
}

async function main() {
  const service = await start(binary);
  const browser = await launch();
  try {
    const context = await signIn(browser, service);
    const { pages, broken } = await discover(context, service.origin);
    report('every link leads to a page', broken);
    report('the walk finds pages', pages.length < fewestPages ? [`only ${pages.length} of them`] : []);
    console.log(`${pages.length} pages:\n  ${pages.map(({ path }) => path).join('\n  ')}`);
    const storageState = await context.storageState();
    const waiting = [...looks];
    const work = async () => {
      for (let look = waiting.shift(); look; look = waiting.shift()) {
        await lookAround(browser, service, pages, storageState, look);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await browser.close();
    await service.stop();
  }
}

await main().catch((error) => report('the run itself', [firstLine(error)]));
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed === 0 ? 0 : 1;

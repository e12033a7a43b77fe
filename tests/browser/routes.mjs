// Which pages there are: found by following links, a few of each kind.

const perKind = 2;
const perSearch = 1;
const atMost = 110;

// Pages that nothing links to while all is well.
const known = ['/', '/login', '/no-such-page'];

// Walks the site from its start. Gives `{ pages: [{ path, further }], broken: [text] }`, where `further` says that
// another page of the same kind, or the same page without a search, is there already.
export async function discover(context, origin) {
  const queue = [...known];
  const seen = new Set(queue);
  const kinds = new Map();
  const pages = [];
  const broken = [];
  while (queue.length > 0 && pages.length < atMost) {
    const path = queue.shift();
    const answer = await context.request.get(origin + path, { maxRedirects: 0 });
    const status = answer.status();
    if (status >= 300 && status < 400) {
      follow(origin, path, answer.headers().location ?? '', seen, queue);
      continue;
    }
    if (status !== (path === '/no-such-page' ? 404 : 200)) broken.push(`${path} answers ${status}`);
    if (!answer.headers()['content-type']?.startsWith('text/html')) continue;
    pages.push({ path, further: isFurther(pages, path) });
    for (const href of links(await answer.text())) {
      const target = inside(origin, path, href);
      if (target && !seen.has(target) && sampled(kinds, target)) {
        seen.add(target);
        queue.push(target);
      }
    }
  }
  return { pages, broken };
}

function follow(origin, path, location, seen, queue) {
  const target = inside(origin, path, location);
  if (target && !seen.has(target)) {
    seen.add(target);
    queue.push(target);
  }
}

function* links(html) {
  for (const [, href] of html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
    yield href.replaceAll('&amp;', '&').replaceAll('&#38;', '&').replaceAll('&#x2F;', '/');
  }
}

function inside(origin, path, href) {
  if (!URL.canParse(href, origin + path)) return null;
  const url = new URL(href, origin + path);
  // Leaving ends the session that the other pages need.
  if (url.origin !== origin || /^\/(logout|login)\b/.test(url.pathname)) return null;
  return url.pathname + url.search;
}

// What stands below a project, whose name has one part or two.
const belowProject = new Set(['findings', 'components', 'licenses', 'builds', 'compare', 'tree', 'vex', 'badge']);

// `/projects/team/web/findings?severity=high` is of the kind `/projects/*/findings?severity`: collections and names
// alternate, except that every page of the settings is one of its own.
export function kind(target) {
  const url = new URL(target, 'http://site');
  let parts = url.pathname.split('/');
  if (parts[1] === 'projects' && parts.length > 3) {
    const page = parts.findIndex((part, at) => at > 2 && belowProject.has(part));
    parts = ['', 'projects', '*', ...(page < 0 ? [] : parts.slice(page))];
  }
  const literal = (at) => at % 2 === 1 || (at === 2 && parts[1] === 'settings');
  const path = parts.map((part, at) => (at > 0 && !literal(at) && part ? '*' : part)).join('/');
  const keys = [...new Set(url.searchParams.keys())].sort().join('&');
  return keys ? `${path}?${keys}` : path;
}

function isFurther(pages, path) {
  const name = kind(path).split('?')[0];
  return pages.some((page) => kind(page.path).split('?')[0] === name);
}

function sampled(kinds, target) {
  const name = kind(target);
  const taken = kinds.get(name) ?? 0;
  kinds.set(name, taken + 1);
  return taken < (name.includes('?') ? perSearch : perKind);
}

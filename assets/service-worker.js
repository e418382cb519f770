// Keeps the app's own files on this device, so that it opens with no network and never waits for one.
//
// - The page is made of the newest version that came whole. Each opening looks for a newer one, which is kept when all
//   of its files are there, and is what the next opening shows; a page that asks is told.
// - `index.html` names all files, with their hashes: there is no list beside it. Files with the wrong content (a host
//   that answers everything with a page, half a deployment) are refused, and the version before stays.
// - The files of two versions are kept: a page of the older one may still be loading them.
// - What else a page asks for is left alone: config.json, models, Firestore.
//
// https://w3c.github.io/ServiceWorker/
const CACHE = 'muse-app'
const PAGE = self.registration.scope

self.addEventListener('install', (event) => {
  self.skipWaiting()
  event.waitUntil(renew())
})

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const { request } = event
  const path = request.url.split(/[?#]/)[0]
  if (request.method !== 'GET' || !path.startsWith(PAGE)) return
  if (request.mode !== 'navigate') event.respondWith(keptOrFetched(request, request))
  else if (path === PAGE || path === `${PAGE}index.html`) {
    event.respondWith(keptOrFetched(PAGE, request))
    event.waitUntil(renew().catch(noNetwork))
  }
})

// A page asks whether there is a newer version than the one that this file belongs to.
self.addEventListener('message', (event) => event.waitUntil(tellOfNewer(event.data, event.source)))

async function tellOfNewer(file, page) {
  await renew().catch(noNetwork)
  const kept = await caches.match(PAGE, { cacheName: CACHE })
  if (kept && !(await kept.text()).includes(file)) page.postMessage('newer')
}

// Nothing is lost: the next opening looks again.
function noNetwork() {}

async function keptOrFetched(key, request) {
  return (await caches.match(key, { cacheName: CACHE, ignoreVary: true })) ?? fetch(request)
}

// Takes in the host's version, all of it or nothing; one tab at a time.
function renew() {
  return navigator.locks.request(CACHE, async () => {
    const answer = await fetch(PAGE, { cache: 'no-cache' })
    const html = await answer.text()
    const files = filesOf(html)
    // a login page or an error in the host's place is not the app
    if (!answer.ok || !files.some(({ url }) => url.endsWith('.wasm'))) throw new Error('not the app')
    const cache = await caches.open(CACHE)
    for (const { url, integrity } of files) {
      // what has a hash is the same wherever it comes from; a name without one may have a new content
      if (!integrity) await cache.add(new Request(url, { cache: 'no-cache' }))
      else if (!(await cache.match(url))) await cache.add(new Request(url, { integrity, cache: 'force-cache' }))
    }
    const before = await cache.match(PAGE)
    const beforeHtml = before && (await before.text())
    if (html === beforeHtml) return
    // made anew, as the answer to a redirected request may not be used for a page
    await cache.put(PAGE, new Response(html, { headers: answer.headers }))
    const keep = new Set([PAGE, ...[html, beforeHtml ?? ''].flatMap(filesOf).map(({ url }) => url)])
    for (const { url } of await cache.keys()) if (!keep.has(url)) await cache.delete(url)
  })
}

// What the page loads from beside it: { url, integrity }.
function filesOf(html) {
  return [...html.matchAll(/<(?:link|script|img)\b[^>]*>/g)].flatMap(([tag]) => {
    const value = (name) => tag.match(new RegExp(`\\s${name}=["']?([^"'\\s>]+)`))?.[1] ?? ''
    const file = value('href') || value('src')
    const { href } = new URL(file, PAGE)
    return file && href.startsWith(PAGE) && href !== PAGE ? [{ url: href, integrity: value('integrity') }] : []
  })
}

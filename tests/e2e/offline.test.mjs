// The app opens without its host, and a newer version of it is taken in whole or not at all.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { composer, messages, open, send, texts } from './app.mjs'
import { cleanUp, DIST, eventually, newProfile, startApp } from './harness.mjs'

/** Waits until the app's files are kept, and returns their addresses. */
function keptFiles(page) {
  return page.evaluate(async () => {
    await navigator.serviceWorker.ready
    return (await (await caches.open('muse-app')).keys()).map(({ url }) => url)
  })
}

/** The build as if it had been compiled anew: its script and its wasm have other names. */
function nextVersion(t, hash) {
  const dist = mkdtempSync(join(tmpdir(), 'muse-version-'))
  t.after(() => rmSync(dist, { recursive: true }))
  cpSync(DIST, dist, { recursive: true })
  const [old] = readdirSync(dist).map((name) => /^muse-chat-(\w+)\.js$/.exec(name)?.[1]).filter(Boolean)
  for (const ending of ['.js', '_bg.wasm']) renameSync(join(dist, `muse-chat-${old}${ending}`), join(dist, `muse-chat-${hash}${ending}`))
  const page = join(dist, 'index.html')
  writeFileSync(page, readFileSync(page, 'utf8').replaceAll(old, hash))
  return dist
}

const running = (page) => page.locator('link[type="application/wasm"]').getAttribute('href')

for (const base of ['/', '/some/where/']) {
  test(`at ${base} it opens with the host gone, with all that was said, and goes on`, async (t) => {
    const app = cleanUp(t, await startApp({ base, config: {} }))
    const profile = cleanUp(t, await newProfile())
    let page = await open(profile, app.url)
    await send(page, 'Here to stay')
    const kept = await keptFiles(page)
    assert.ok(kept.includes(app.url), 'the page itself')
    assert.ok(kept.some((url) => url.endsWith('.wasm')))
    assert.ok(!kept.some((url) => url.endsWith('config.json')), 'a configuration is asked for each time')

    await app.stop()
    await page.reload()
    await messages(page).filter({ hasText: 'Here to stay' }).waitFor()
    await profile.kill9()
    await profile.reopen()
    page = await open(profile, `${app.url}index.html`)
    await send(page, 'Still here')
    assert.ok((await texts(page)).length >= 1)
    assert.deepEqual(profile.requestsLeaving(app.url), [])
  })
}

test('without what keeps the files it does not open when the host is gone', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile({ serviceWorkers: 'block' }))
  const page = await open(profile, app.url)
  await app.stop()
  await assert.rejects(page.reload())
})

test('a newer version is offered once it is here whole; half of one changes nothing', async (t) => {
  const first = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, first.url)
  await keptFiles(page)
  const was = await running(page)
  const again = async (dist) => {
    const app = cleanUp(t, await startApp({ dist, port: first.port }))
    await page.goto('about:blank')
    await open(profile, app.url)
    return app
  }

  await first.stop()
  const half = nextVersion(t, 'half')
  rmSync(join(half, 'muse-chat-half_bg.wasm'))
  let app = await again(half)
  await eventually(async () => (await keptFiles(page)).some((url) => url.endsWith('muse-chat-half.js')))
  await page.reload()
  await composer(page).waitFor()
  assert.equal(await running(page), was)
  await app.stop()

  app = await again(nextVersion(t, 'next'))
  assert.equal(await running(page), was, 'the first screen waits for nothing')
  await page.getByText('There is a newer version of Muse Chat.').waitFor()
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.locator('link[href*="muse-chat-next_bg.wasm"]').waitFor({ state: 'attached' })
  await composer(page).waitFor()
  assert.equal(await page.getByText('There is a newer version of Muse Chat.').count(), 0)
  await app.stop()
  await page.reload()
  await composer(page).waitFor()
  assert.match(await running(page), /next/)
})

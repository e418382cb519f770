// API keys in two tabs of one browser: one that is kept is used by both from its next request on, one for this visit by its
// own tab only; and there is no other place in which a key can be found.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, CANARY, closePanel, composer, createSpace, open, openPanel, send, syncIs, tick, useSource } from './app.mjs'
import { cleanUp, emulatorConfig, eventually, newProfile, startApp, startEmulator, startProxy, startReplay } from './harness.mjs'

const key = (n) => `${CANARY}-${n}`

async function setKey(page, text, { forThisVisit = false } = {}) {
  const settings = await openPanel(page, 'Settings')
  if (forThisVisit) await tick(settings.getByRole('checkbox', { name: /Only for this visit/ }))
  await settings.getByLabel('API key').fill(text)
  await settings.getByLabel('API key').blur()
  const where = forThisVisit ? 'is known until this page is closed' : 'is on this device'
  await settings.getByText(`A key that ends in …${text.slice(-4)} ${where}`).waitFor()
  await closePanel(page)
}

/** All rows of the databases of a page's origin, as text, with their keys. */
function databaseRows(page) {
  return page.evaluate(async () => {
    const done = (request) => new Promise((tell) => (request.onsuccess = () => tell(request.result)))
    const rows = []
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name))
      for (const table of database.objectStoreNames) {
        const store = database.transaction(table).objectStore(table)
        const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())])
        rows.push(...keys.map((key, at) => [String(key), JSON.stringify(values[at])]))
      }
      database.close()
    }
    return rows
  })
}

test('a key set, replaced or removed in one tab is so in the other at its next request, and is in no other place', async (t) => {
  const emulator = cleanUp(t, await startEmulator())
  const proxy = cleanUp(t, await startProxy(emulator))
  const replay = cleanUp(t, await startReplay())
  const app = cleanUp(t, await startApp({ config: emulatorConfig(proxy.address) }))
  const profile = cleanUp(t, await newProfile())
  replay.play('llama-server/chat_nonstream')
  const one = await open(profile, app.url)
  await createSpace(one)
  await send(one, 'Words that sync')
  await answered(one)
  const two = await profile.page(one.url(), { fresh: true })
  await composer(two).waitFor()
  // what the tabs tell each other
  await two.evaluate(() => {
    window.told = []
    new BroadcastChannel('muse').addEventListener('message', ({ data }) => window.told.push(data))
  })

  /** The key that a tab's next question is asked with. */
  let asked = 0
  const usedBy = async (page) => {
    const before = replay.requests.length
    await send(page, `Question ${(asked += 1)}`)
    await answered(page)
    assert.equal(replay.requests.length, before + 1)
    return replay.requests.at(-1).headers.authorization?.replace('Bearer ', '')
  }

  await useSource(one, /OpenAI/, `${replay.url}/v1`, { key: key('first') })
  await two.bringToFront()
  assert.equal(await usedBy(two), key('first'), 'set in the other tab')
  await setKey(two, key('second'))
  assert.equal(await usedBy(one), key('second'), 'replaced in the other tab')
  const settings = await openPanel(one, 'Settings')
  await settings.getByRole('button', { name: 'Remove' }).click()
  await settings.getByText(/^None for/).waitFor()
  await closePanel(one)
  assert.equal(await usedBy(two), undefined, 'removed in the other tab')

  await setKey(one, key('visit'), { forThisVisit: true })
  assert.equal(await usedBy(one), key('visit'))
  assert.equal(await usedBy(two), undefined, 'a key for this visit stays in its tab')
  await setKey(two, key('third'))
  assert.equal(await usedBy(one), key('visit'), 'and goes before one that is kept')
  await one.reload()
  await composer(one).waitFor()
  assert.equal(await usedBy(one), key('third'), 'and is gone with its page')

  await syncIs(one, 'synced')
  const rows = await databaseRows(one)
  const holding = rows.filter(([, value]) => value.includes('CANARY'))
  assert.deepEqual(holding.map(([row]) => row), [`s/key/${replay.url}`])
  assert.ok(holding[0][1].includes(key('third')), 'what is looked for can be found')
  const told = await two.evaluate(() => window.told.join())
  assert.ok(told.includes('a/settings') && !told.includes('CANARY'), told)
  const elsewhere = await one.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))
  assert.ok(elsewhere.includes('Question') && !elsewhere.includes('CANARY'))
  const sent = proxy.requests.map(({ path, headers, body }) => JSON.stringify([path, headers, body])).join()
  assert.ok(sent.includes('Question 1') && sent.includes(replay.url) && !sent.includes('CANARY'))
  const left = profile.requests.filter(({ url, body }) => `${url} ${body}`.includes('CANARY'))
  assert.deepEqual(left, [], 'a key is in a header, never in an address or a body')

  await profile.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const debug = await openPanel(one, 'Debug')
  await debug.getByRole('button', { name: 'Copy diagnostics' }).click()
  const copied = await eventually(() => one.evaluate(() => navigator.clipboard.readText()))
  assert.ok(copied.includes('Version') && !copied.includes('CANARY') && !copied.includes('hird'), copied)
  for (const page of [one, two]) assert.ok(!(await page.locator('html').innerHTML()).includes('CANARY'))
  assert.ok(!profile.errors.join().includes('CANARY'))
})

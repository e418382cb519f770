// Several tabs of one browser: they show each other's changes without the network, one of them talks to the server, and
// when that one goes another takes over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, composer, createSpace, open, send, syncIs, texts } from './app.mjs'
import { cleanUp, emulatorConfig, eventually, newProfile, startApp, startEmulator } from './harness.mjs'

/** A second tab at the same address. */
async function anotherTab(profile, page) {
  const tab = await profile.page(page.url(), { fresh: true })
  await composer(tab).waitFor()
  return tab
}

/** How many requests each tab sends to Firestore from now on. */
function countRequests(page, host) {
  const count = { requests: 0 }
  page.on('request', (request) => {
    if (request.url().includes(host)) count.requests += 1
  })
  return count
}

test('tabs show each other what they do without the network, and one speaks for all', async (t) => {
  const emulator = cleanUp(t, await startEmulator())
  const app = cleanUp(t, await startApp({ config: emulatorConfig(emulator.address) }))
  const profile = cleanUp(t, await newProfile())
  const first = await open(profile, app.url)
  await createSpace(first)
  await send(first, 'From the first tab')
  await answered(first)
  await syncIs(first, 'synced', 60_000)
  const second = await anotherTab(profile, first)
  await eventually(async () => (await texts(second)).length === 2, { timeout: 60_000 })
  await syncIs(second, 'synced', 60_000)

  // without the network both edit, and both see all of it
  await profile.context.setOffline(true)
  await send(first, 'Offline in the first')
  await answered(first)
  await eventually(async () => (await texts(second)).length === 4, { timeout: 60_000 })
  await send(second, 'Offline in the second')
  await answered(second)
  await eventually(async () => (await texts(first)).length === 6, { timeout: 60_000 })
  assert.deepEqual(await texts(first), await texts(second))
  // neither says that all is well
  for (const tab of [first, second]) {
    await eventually(async () => (await tab.locator('.sync-indicator .sync-synced').count()) === 0, { timeout: 60_000 })
  }
  await profile.context.setOffline(false)
  for (const tab of [first, second]) await syncIs(tab, 'synced', 60_000)

  // only one of the two asks the server, whoever it is, and what the other writes is sent all the same
  const counts = [first, second].map((tab) => countRequests(tab, emulator.address))
  await send(first, 'Sent by one')
  await answered(first)
  await send(second, 'Sent by the same one')
  await answered(second)
  for (const tab of [first, second]) await syncIs(tab, 'synced', 60_000)
  // a follower that the machine keeps waiting may do the work once, which is no harm
  await eventually(() => counts.some(({ requests }) => requests > 8), { timeout: 90_000 })
  const [fewest, most] = counts.map(({ requests }) => requests).sort((a, b) => a - b)
  assert.ok(fewest * 4 <= most, JSON.stringify(counts))

  // when the leading tab is closed the other goes on
  const leads = counts[0].requests > counts[1].requests ? 0 : 1
  const [closed, left] = leads === 0 ? [first, second] : [second, first]
  const before = counts[1 - leads].requests
  await closed.close()
  await send(left, 'After the leader left')
  await answered(left)
  await syncIs(left, 'synced', 60_000)
  await eventually(() => counts[1 - leads].requests > before + 2, { timeout: 60_000 })
})

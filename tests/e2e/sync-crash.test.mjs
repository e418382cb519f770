// What a browser can do to sync: be killed in mid-send and in mid-pull, reload again and again, lose the network, its data
// or its disk, and have a wrong clock. What a user saw in the transcript is there afterwards, and there once.
//
// `KILLS=n` for more kills.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, closePanel, composer, createSpace, joinSpace, open, openPanel, send, syncIs, texts } from './app.mjs'
import { cleanUp, emulatorConfig, eventually, newProfile, startApp, startEmulator, startProxy } from './harness.mjs'

const KILLS = Number(process.env.KILLS ?? 4)
const LONG = { timeout: 60_000 }
const YEAR_MS = 365 * 24 * 3_600_000

/** A device of its own: a profile, and the app at an address of its own behind a proxy of its own. */
async function startDevice(t, emulator) {
  const proxy = cleanUp(t, await startProxy(emulator))
  const app = cleanUp(t, await startApp({ config: emulatorConfig(proxy.address) }))
  const profile = cleanUp(t, await newProfile())
  return { proxy, app, profile, page: await open(profile, app.url) }
}

async function twoDevices(t) {
  const emulator = cleanUp(t, await startEmulator())
  const one = await startDevice(t, emulator)
  const two = await startDevice(t, emulator)
  const code = await createSpace(one.page)
  await send(one.page, 'The beginning')
  await answered(one.page)
  await syncIs(one.page, 'synced', 60_000)
  await joinSpace(two.page, code)
  await openChat(two.page, 'The beginning')
  await eventually(async () => (await texts(two.page)).length === 2, LONG)
  return { emulator, one, two, code }
}

async function openChat(page, title) {
  const history = await openPanel(page, 'History')
  await history.locator('.history-open').filter({ hasText: title }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

/** Waits until a page shows each of these texts exactly once. */
function showsOnce(page, wanted) {
  return eventually(async () => {
    const there = await texts(page)
    return wanted.every((text) => there.filter((each) => each.trim() === text).length === 1)
  }, LONG)
}

/** The browser of a device dies and comes back to where it was. */
async function kill(device) {
  const address = device.page.url()
  await device.profile.kill9()
  device.proxy.heal()
  await device.profile.reopen()
  device.page = await open(device.profile, address)
}

test('browsers killed in mid-send and in mid-pull lose and double nothing', async (t) => {
  const { one, two } = await twoDevices(t)
  const said = []
  for (let n = 0; n < KILLS; n += 1) {
    const text = `Kill number ${n}.`
    said.push(text)
    // armed before what it is to hit; whichever request comes first
    const [victim, path] = n % 2 ? [two, ':runQuery'] : [one, ':commit']
    const kind = n % 4 < 2 ? 'hang' : 'dropAfter'
    victim.proxy.fault({ kind, times: Infinity, match: (request) => request.path.includes(path) })
    const before = victim.proxy.requests.length
    await send(one.page, text)
    await eventually(() => victim.proxy.requests.slice(before).some(({ fault }) => fault === kind), LONG)
    await kill(victim)
  }
  for (const { page } of [one, two]) {
    await showsOnce(page, ['The beginning', ...said])
    await syncIs(page, 'synced', 60_000)
  }
  console.log(`${KILLS} kills, ${said.length} messages, none lost`)
})

test('tabs that reload while the network comes and goes lose and double nothing', async (t) => {
  const { one, two } = await twoDevices(t)
  const tabs = [one.page]
  while (tabs.length < 4) {
    const tab = await one.profile.page(one.page.url(), { fresh: true })
    await composer(tab).waitFor()
    tabs.push(tab)
  }
  const said = []
  for (let n = 0; n < 8; n += 1) {
    const tab = tabs[n % tabs.length]
    if (n % 3 === 0) one.proxy.down()
    said.push(`Storm number ${n}.`)
    await send(tab, said.at(-1))
    // in the middle of everything, and not waiting for the answer
    await tab.reload()
    if (n % 3 === 2) one.proxy.up()
    await composer(tab).waitFor()
  }
  one.proxy.up()
  for (const page of [...tabs, two.page]) await showsOnce(page, said)
  await syncIs(tabs[0], 'synced', 90_000)
})

test('a browser that forgot everything gets it back from the cloud', async (t) => {
  const { one, two, code } = await twoDevices(t)
  await send(two.page, 'Said before all was cleared')
  await answered(two.page)
  await syncIs(two.page, 'synced', 60_000)
  const session = await two.profile.context.newCDPSession(two.page)
  await two.page.goto('about:blank')
  await session.send('Storage.clearDataForOrigin', { origin: new URL(two.app.url).origin, storageTypes: 'all' })
  two.page = await open(two.profile, two.app.url)
  await joinSpace(two.page, code)
  await openChat(two.page, 'The beginning')
  await showsOnce(two.page, ['The beginning', 'Said before all was cleared'])
  // the empty browser has overwritten nothing
  await showsOnce(one.page, ['The beginning', 'Said before all was cleared'])
})

/** The name in the profile. */
async function setName(page, name) {
  const panel = await openPanel(page, 'Profile')
  await panel.getByRole('textbox', { name: 'Name' }).fill(name)
  await closePanel(page)
}

async function nameOf(page) {
  const panel = await openPanel(page, 'Profile')
  const name = await panel.getByRole('textbox', { name: 'Name' }).inputValue()
  await closePanel(page)
  return name
}

for (const [how, years] of [['ahead', 1], ['behind', -1]]) {
  test(`a device that was away, its clock a year ${how}, wins no edit that it should lose and loses none`, async (t) => {
    const { one, two } = await twoDevices(t)
    const early = () => (years > 0 ? two : one)
    const late = () => (years > 0 ? one : two)
    // it comes back without a network, and with another clock
    const address = two.page.url()
    await two.profile.close()
    await two.profile.reopen()
    two.proxy.down()
    await two.profile.context.addInitScript((off) => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + off
    }, years * YEAR_MS)
    two.page = await open(two.profile, address)
    await send(two.page, 'Said by a wrong clock')
    await setName(early().page, 'Early')
    await one.page.waitForTimeout(1_500)
    await setName(late().page, 'Late')
    two.proxy.up()
    await syncIs(two.page, 'synced', 90_000)
    for (const { page } of [one, two]) {
      await showsOnce(page, ['The beginning', 'Said by a wrong clock'])
      await eventually(async () => (await nameOf(page)) === 'Late', LONG)
    }
  })
}

// Two browser profiles, the real page, the real emulator with our rules: what one device did is on the other, whatever
// fails in between.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, closePanel, composer, createSpace, joinSpace, messages, open, openPanel, send, syncIs, texts, tick } from './app.mjs'
import { cleanUp, emulatorConfig, eventually, newProfile, startApp, startEmulator, startProxy } from './harness.mjs'

/** An emulator, the app configured for it, and two devices in one space. */
async function twoDevices(t) {
  const emulator = cleanUp(t, await startEmulator())
  const app = cleanUp(t, await startApp({ config: emulatorConfig(emulator.address) }))
  const [one, two] = cleanUp(t, await newProfile(), await newProfile())
  const first = await open(one, app.url)
  const code = await createSpace(first)
  const second = await open(two, app.url)
  await joinSpace(second, code)
  return { emulator, app, one, two, first, second, code }
}

async function openChat(page, title) {
  const history = await openPanel(page, 'History')
  await history.locator('.history-open').filter({ hasText: title }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

test('settings, profile and chats of one device appear on the second', async (t) => {
  const { first, second, one, app } = await twoDevices(t)
  const profile = await openPanel(first, 'Profile')
  await profile.getByRole('textbox', { name: 'Name' }).fill('Ada Lovelace')
  await closePanel(first)
  const settings = await openPanel(first, 'Settings')
  await tick(settings.getByRole('radio', { name: 'Dark' }))
  await closePanel(first)
  await send(first, 'Do you follow me to the other device?')
  await answered(first)
  await syncIs(first, 'synced')
  const said = await texts(first)

  await eventually(async () => (await second.locator('html').getAttribute('data-theme')) === 'dark')
  await openChat(second, 'Do you follow me')
  await eventually(async () => (await texts(second)).length === 2)
  assert.deepEqual(await texts(second), said)
  await syncIs(second, 'synced')
  const there = await openPanel(second, 'Profile')
  assert.equal(await there.getByRole('textbox', { name: 'Name' }).inputValue(), 'Ada Lovelace')
  assert.ok(one.requestsLeaving(app.url).length > 0)
})

test('what both devices wrote offline is on both afterwards', async (t) => {
  const { first, second, one, two } = await twoDevices(t)
  await send(first, 'Shared beginning')
  await answered(first)
  await syncIs(first, 'synced')
  await openChat(second, 'Shared beginning')
  await eventually(async () => (await texts(second)).length === 2)
  await one.context.setOffline(true)
  await two.context.setOffline(true)
  await send(first, 'From the first, offline')
  await send(second, 'From the second, offline')
  await answered(first)
  await answered(second)
  await syncIs(second, 'offline')
  await one.context.setOffline(false)
  await two.context.setOffline(false)
  // what waits is on the device, not in the page
  await first.reload()
  for (const page of [first, second]) {
    await eventually(async () => (await texts(page)).length === 6)
    await syncIs(page, 'synced')
  }
  assert.deepEqual(await texts(first), await texts(second))
})

test('an emulator that dies in the middle of sending loses and doubles nothing', async (t) => {
  const { first, second, emulator } = await twoDevices(t)
  await send(first, 'Before the crash')
  await answered(first)
  await syncIs(first, 'synced')
  await openChat(second, 'Before the crash')
  await eventually(async () => (await texts(second)).length === 2)
  await send(first, 'While it dies')
  await emulator.kill9()
  await answered(first)
  await send(first, 'After it died')
  await answered(first)
  await syncIs(first, 'offline')
  // it comes back without any data: both devices have it all
  await emulator.restart()
  await syncIs(first, 'synced', 90_000)
  await syncIs(second, 'synced', 90_000)
  await eventually(async () => (await texts(second)).length === 6)
  assert.deepEqual(await texts(second), await texts(first))
  assert.equal(new Set(await texts(first)).size, (await texts(first)).length)
})

test('a browser killed in the middle of sending goes on where it was', async (t) => {
  const emulator = cleanUp(t, await startEmulator())
  const proxy = cleanUp(t, await startProxy(emulator))
  const app = cleanUp(t, await startApp({ config: emulatorConfig(`127.0.0.1:${proxy.port}`) }))
  const [one, two] = cleanUp(t, await newProfile(), await newProfile())
  let first = await open(one, app.url)
  const code = await createSpace(first)
  await send(first, 'Said before the kill')
  await answered(first)
  await syncIs(first, 'synced')
  // the server takes it, the answer never comes back
  proxy.fault({ kind: 'dropAfter', match: (request) => request.path.includes(':commit') })
  await send(first, 'Said just before the kill')
  await eventually(() => proxy.requests.some(({ fault }) => fault === 'dropAfter'))
  await one.kill9()
  await one.reopen()
  first = await open(one, app.url)
  await syncIs(first, 'synced', 60_000)
  const second = await open(two, app.url)
  await joinSpace(second, code)
  await openChat(second, 'Said before the kill')
  const mine = ['Said before the kill', 'Said just before the kill']
  await eventually(async () => {
    const there = await texts(second)
    return mine.every((text) => there.filter((body) => body === text).length === 1)
  })
})

test('with sync paused, or never set up, no request goes to Firestore', async (t) => {
  const { first, one, app } = await twoDevices(t)
  await send(first, 'Synced')
  await answered(first)
  await syncIs(first, 'synced')
  const dialog = await openPanel(first, 'Cloud Sync')
  await dialog.getByRole('button', { name: 'Pause for this session' }).click()
  await closePanel(first)
  const before = one.requestsLeaving(app.url).length
  await send(first, 'Not synced')
  await answered(first)
  await first.reload()
  await composer(first).waitFor()
  await messages(first).filter({ hasText: 'Not synced' }).first().waitFor()
  await first.waitForTimeout(3_000)
  assert.equal(one.requestsLeaving(app.url).length, before)
})

test('a session may sync on a device that does not, also after a reload; the next one does as the device', async (t) => {
  const { first, second, one, app } = await twoDevices(t)
  const settings = await openPanel(first, 'Settings')
  await tick(settings.getByRole('radio', { name: /^This device/ }))
  await closePanel(first)
  await syncIs(first, 'off')
  await send(first, 'For this session only')
  await answered(first)
  const dialog = await openPanel(first, 'Cloud Sync')
  await dialog.getByRole('button', { name: 'Sync in this session only' }).click()
  await dialog.getByRole('button', { name: 'Stop syncing' }).waitFor()
  await closePanel(first)
  await syncIs(first, 'synced')
  await openChat(second, 'For this session only')
  await eventually(async () => (await texts(second)).length === 2)
  await first.reload()
  await send(first, 'Still in this session')
  await answered(first)
  await eventually(async () => (await texts(second)).length === 4)

  const address = first.url()
  const next = await one.page(undefined, { fresh: true })
  await first.close()
  const before = one.requestsLeaving(app.url).length
  await next.goto(address)
  await syncIs(next, 'off')
  await send(next, 'In the next session')
  await answered(next)
  await next.waitForTimeout(1_500)
  assert.equal(one.requestsLeaving(app.url).length, before)
  // who decides for the device means the session as well
  const again = await openPanel(next, 'Settings')
  await again.getByRole('combobox', { name: 'In this session' }).selectOption('on')
  await syncIs(next, 'synced')
  await tick(again.getByRole('radio', { name: /^Cloud Firestore/ }))
  await tick(again.getByRole('radio', { name: /^This device/ }))
  await syncIs(next, 'off')
})

test('the smoke tests of the debug modal save and load', async (t) => {
  const { first } = await twoDevices(t)
  const dialog = await openPanel(first, 'Debug')
  await dialog.getByRole('button', { name: 'Test save' }).click()
  await dialog.getByRole('button', { name: 'Test load' }).click()
  await eventually(async () => (await dialog.locator('.probe-good').count()) === 2)
  assert.match(await dialog.locator('.probe-good').first().innerText(), /\d+ ms/)
})

test('a broken configuration names the field and leaves the app local', async (t) => {
  const app = cleanUp(t, await startApp({ config: { projectId: 'Bad Project' } }))
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  const dialog = await openPanel(page, 'Cloud Sync')
  await dialog.getByText(/projectId/).first().waitFor()
  await closePanel(page)
  await send(page, 'Still works')
  await answered(page)
  assert.deepEqual(profile.requestsLeaving(app.url), [])
})

// What one sees of sync, and what never leaves: links, chats that stay, refused records, diagnostics, leaving.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, closePanel, composer, createSpace, open, openPanel, send, syncIs, texts, tick } from './app.mjs'
import { cleanUp, emulatorConfig, eventually, newProfile, startApp, startEmulator, startProxy } from './harness.mjs'

const WAIT = { timeout: 60_000 }

async function start(t) {
  const emulator = cleanUp(t, await startEmulator())
  const proxy = cleanUp(t, await startProxy(emulator))
  const app = cleanUp(t, await startApp({ config: emulatorConfig(proxy.address) }))
  return { emulator, proxy, app }
}

/** What the proxy saw with this text in it. */
const sentWith = (proxy, text) => proxy.requests.filter(({ body }) => String(body).includes(text))

async function newChat(page) {
  await page.getByRole('banner').getByRole('button', { name: 'New chat' }).click()
  await page.getByText('Start a conversation').waitFor()
}

async function openChat(page, title) {
  const history = await openPanel(page, 'History')
  await history.locator('.history-open').filter({ hasText: title }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

/** Chooses how the chat that is shown takes part in sync. */
async function scope(page, name) {
  await page.getByRole('button', { name: 'This chat' }).click()
  const dialog = page.getByRole('dialog', { name: 'This chat' })
  await tick(dialog.getByRole('radio', { name }))
  await dialog.getByRole('radio', { name, checked: true }).waitFor()
  await closePanel(page)
}

async function rename(page, from, to) {
  const history = await openPanel(page, 'History')
  await history.getByRole('button', { name: `Rename: ${from}` }).click()
  await history.getByRole('textbox', { name: 'Title' }).fill(to)
  await history.getByRole('textbox', { name: 'Title' }).press('Enter')
  await history.locator('.history-open').filter({ hasText: to }).waitFor()
  await closePanel(page)
}

test('a link adds a device, which first says what will happen and keeps no trace of the code', async (t) => {
  const { app } = await start(t)
  const [one, two] = cleanUp(t, await newProfile(), await newProfile())
  const first = await open(one, app.url)
  await send(first, 'Written on the first')
  await answered(first)
  const code = await createSpace(first)
  await syncIs(first, 'synced', WAIT.timeout)
  await one.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  let dialog = await openPanel(first, 'Cloud Sync')
  await dialog.getByRole('button', { name: 'Copy link' }).click()
  const link = await eventually(() => first.evaluate(() => navigator.clipboard.readText()))
  assert.equal(link, `${app.url}#/join/${code}`)
  await dialog.getByRole('button', { name: 'Show QR code' }).click()
  await dialog.getByRole('img', { name: /QR code/ }).waitFor()
  await closePanel(first)

  const second = await open(two, app.url)
  await send(second, 'Written on the second')
  await answered(second)
  const before = two.requestsLeaving(app.url).length
  await second.goto(link)
  dialog = second.getByRole('dialog', { name: 'Cloud Sync' })
  await dialog.getByText('On this device: 1 chat.').waitFor()
  await dialog.getByText('In the space: 1 chat.').waitFor()
  await dialog.getByText(/Nothing is deleted/).waitFor()
  assert.ok(!second.url().includes('join'), second.url())
  assert.ok(two.requestsLeaving(app.url).slice(before).every(({ url }) => !url.includes(':commit')), 'looking writes nothing')
  await dialog.getByRole('button', { name: 'Join and put together' }).click()
  await dialog.getByRole('button', { name: 'Sync now' }).waitFor(WAIT)
  await closePanel(second)
  await syncIs(second, 'synced', WAIT.timeout)
  for (const page of [first, second]) {
    await eventually(async () => (await page.locator('.recent-chat').count()) === 2, WAIT)
  }
  // neither the address nor what lies behind it, nor any request, nor the page has the code
  const kept = await second.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.body.innerHTML]))
  assert.ok(!kept.includes(code))
  assert.ok(two.requests.every(({ url, body }) => !`${url}${body}`.includes(code)))
  await second.goBack()
  await composer(second).waitFor()
  assert.ok(!second.url().includes(code))
  await second.reload()
  await composer(second).waitFor()
  assert.equal(await second.getByRole('dialog').count(), 0, 'it asks once')

  // both devices rename the same chat without knowing of each other: the older title can be taken back
  await openChat(first, 'Written on the first')
  await openChat(second, 'Written on the first')
  await eventually(async () => (await texts(second)).length === 2, WAIT)
  await two.context.setOffline(true)
  await rename(second, 'Written on the first', 'Older title')
  await rename(first, 'Written on the first', 'Newer title')
  await syncIs(first, 'synced', WAIT.timeout)
  await two.context.setOffline(false)
  const titled = (page, title) => page.locator('.header-title', { hasText: title }).waitFor(WAIT)
  await titled(second, 'Newer title')
  await second.getByRole('button', { name: 'This chat' }).click()
  await second.getByRole('button', { name: 'Take back: Older title' }).click()
  await closePanel(second)
  for (const page of [first, second]) await titled(page, 'Older title')

  // out of the cloud: the other device loses the chat, this one keeps it as one that never leaves
  await first.getByRole('button', { name: 'This chat' }).click()
  await first.getByRole('button', { name: 'Remove from the cloud, keep here' }).click()
  await first.getByRole('button', { name: 'Remove', exact: true }).click()
  await first.locator('.header').getByRole('img', { name: 'Never leaves this device' }).waitFor(WAIT)
  await titled(first, 'Older title')
  assert.equal((await texts(first)).length, 2)
  await eventually(async () => (await second.locator('.recent-chat').count()) === 1, WAIT)
  await syncIs(first, 'synced', WAIT.timeout)
  await syncIs(second, 'synced', WAIT.timeout)

  // erased in the cloud: both devices keep what they have
  dialog = await openPanel(first, 'Cloud Sync')
  await dialog.getByRole('button', { name: 'Erase the cloud copy' }).click()
  await dialog.getByRole('button', { name: 'Erase for good' }).click()
  await dialog.getByRole('button', { name: 'Create a space' }).waitFor(WAIT)
  await closePanel(first)
  await second.reload()
  await syncIs(second, 'attention', WAIT.timeout)
  assert.equal(await first.locator('.recent-chat').count(), 2)
  await openChat(second, 'Written on the second')
  await eventually(async () => (await texts(second)).length === 2, WAIT)
  assert.deepEqual([...one.errors, ...two.errors].filter((error) => !/ERR_INTERNET_DISCONNECTED|status of 4/.test(error)), [])
})

test('what shall not leave does not; what is refused is said, kept and sent again; leaving ends all requests', async (t) => {
  const { app, proxy } = await start(t)
  const one = cleanUp(t, await newProfile())
  const page = await open(one, app.url)
  await send(page, 'Public words')
  await answered(page)
  const code = await createSpace(page)
  await syncIs(page, 'synced', WAIT.timeout)

  await newChat(page)
  await scope(page, /Never leaves this device/)
  await send(page, 'CANARY-LOCAL one')
  await answered(page)
  await page.locator('.header').getByRole('img', { name: 'Never leaves this device' }).waitFor()

  await openChat(page, 'Public words')
  await scope(page, /Paused here/)
  await send(page, 'CANARY-PAUSED two')
  await answered(page)
  await newChat(page)
  await send(page, 'Goes out three')
  await answered(page)
  await eventually(() => sentWith(proxy, 'Goes out three').length > 0, WAIT)
  await syncIs(page, 'synced', WAIT.timeout)
  assert.deepEqual(sentWith(proxy, 'CANARY'), [])
  let dialog = await openPanel(page, 'Cloud Sync')
  assert.equal(await dialog.locator('.kept-here .chat-line').count(), 2)
  await dialog.getByRole('button', { name: 'Sync: Public words' }).click()
  await eventually(() => sentWith(proxy, 'CANARY-PAUSED').length > 0, WAIT)
  await closePanel(page)
  await syncIs(page, 'synced', WAIT.timeout)
  assert.deepEqual(sentWith(proxy, 'CANARY-LOCAL'), [])

  // one record is refused for good, as by a rule; everything else goes on
  proxy.fault({ kind: 'status', status: 403, times: 10_000, match: ({ path, body }) => path.includes(':commit') && String(body).includes('REFUSE-ME') })
  await send(page, 'REFUSE-ME four')
  await answered(page)
  await send(page, 'Still goes out five')
  await answered(page)
  await eventually(() => sentWith(proxy, 'Still goes out five').some(({ fault }) => !fault), { timeout: 120_000 })
  await page.locator('.message', { hasText: 'REFUSE-ME four' }).first().getByRole('img', { name: /Firestore refuses it/ }).waitFor({ timeout: 120_000 })
  dialog = await openPanel(page, 'Cloud Sync')
  // the answer repeats the question, so both are refused
  const refused = dialog.locator('.refused-row')
  const mine = refused.filter({ hasText: 'Message: REFUSE-ME four' })
  await mine.waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), mine.getByRole('link', { name: /Save as a file/ }).click()])
  const file = await (await download.createReadStream()).setEncoding('utf8').toArray()
  assert.equal(JSON.parse(file.join('')).fields.body, 'REFUSE-ME four')
  proxy.heal()
  await dialog.getByRole('button', { name: 'Try all again' }).click()
  await refused.first().waitFor({ state: 'detached', ...WAIT })
  await closePanel(page)
  await syncIs(page, 'synced', WAIT.timeout)
  assert.equal(await page.locator('.mark').count(), 0)

  // numbers for whoever looks for a fault, and nothing that is anybody else's business
  await one.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  dialog = await openPanel(page, 'Debug')
  await dialog.getByText(/median \d+ ms/).waitFor()
  await dialog.locator('.sync-health-log summary').click()
  await dialog.locator('.sync-health-log li').first().waitFor()
  await dialog.getByRole('button', { name: 'Copy diagnostics' }).click()
  const copied = await eventually(() => page.evaluate(() => navigator.clipboard.readText()))
  for (const part of ['Version', 'median', 'head ']) assert.ok(copied.includes(part), copied)
  const space = /users\/([a-z2-7]{32})/.exec(proxy.requests.map(({ path, body }) => `${path} ${body}`).join(' '))[1]
  for (const secret of [code, code.replaceAll('-', ''), space, 'CANARY', 'Public words']) assert.ok(!copied.includes(secret), secret)
  await closePanel(page)

  dialog = await openPanel(page, 'Cloud Sync')
  await dialog.getByRole('button', { name: 'Leave the space' }).click()
  await dialog.getByRole('button', { name: 'Leave', exact: true }).click()
  await dialog.getByRole('button', { name: 'Create a space' }).waitFor()
  await closePanel(page)
  const before = proxy.requests.length
  await send(page, 'CANARY after leaving')
  await answered(page)
  await page.reload()
  await page.locator('.message', { hasText: 'CANARY after leaving' }).first().waitFor()
  await page.waitForTimeout(3_000)
  assert.equal(proxy.requests.length, before)
})

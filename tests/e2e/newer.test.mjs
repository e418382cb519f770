// Records made by a newer build of the app, which another device already has: they are shown, never written, and the user
// is told why a change does not stay and what waits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseModel, closePanel, createSpace, open, openPanel, send, syncIs, texts } from './app.mjs'
import { cleanUp, emulatorConfig, eventually, newProfile, startApp, startEmulator, startProxy } from './harness.mjs'

const NEWER = 2

/** The space as somebody sees it whom no rules bind. */
function cloudOf(emulator, proxy) {
  const root = `projects/${emulator.project}/databases/(default)/documents`
  const call = async (path, body) => {
    const headers = { Authorization: 'Bearer owner', 'Content-Type': 'application/json' }
    const answer = await fetch(`http://${emulator.address}/v1/${root}${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) })
    assert.equal(answer.status, 200, await answer.clone().text())
    return answer.json()
  }
  const commits = proxy.requests.filter(({ path }) => path.includes(':commit'))
  const space = /users\/([a-z2-7]{32})/.exec(commits.at(-1).body)[1]
  return {
    read: async (path = '') => (await call(`/users/${space}${path}`)).fields,
    list: async (path) => (await call(`/users/${space}${path}`)).documents ?? [],
    /** Does what a newer build's commit does: documents, and the head with the next number. */
    commit: async (changes) => {
      const head = await call(`/users/${space}`)
      const seq = { integerValue: String(Number(head.fields.seq.integerValue) + 1) }
      const c = { stringValue: 'newer2' }
      const log = { stringValue: c.stringValue + head.fields.log.stringValue }
      const writes = changes.map(([path, fields]) => ({
        update: { name: `${root}/users/${space}${path}`, fields: { ...fields, seq, c, v: { integerValue: NEWER } } },
      }))
      writes.push({ update: { name: head.name, fields: { ...head.fields, seq, c, log, cs: seq } }, currentDocument: { updateTime: head.updateTime } })
      await call(':commit', { writes })
    },
  }
}

/** A document's fields with one more register, as text. */
function withText(fields, name, text) {
  const stamp = fields.h.stringValue.replace(/-.*/, '-zzzzzzzz')
  const value = { stringValue: text }
  return {
    ...fields,
    h: { stringValue: stamp },
    f: { mapValue: { fields: { ...fields.f.mapValue.fields, [name]: value } } },
    t: { mapValue: { fields: { ...fields.t.mapValue.fields, [name]: { stringValue: stamp } } } },
  }
}

test('what a newer build made is shown, never written, and the user is told so', async (t) => {
  const emulator = cleanUp(t, await startEmulator())
  const proxy = cleanUp(t, await startProxy(emulator))
  const app = cleanUp(t, await startApp({ config: emulatorConfig(proxy.address) }))
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await createSpace(page)
  await chooseModel(page, /^Off/)
  await send(page, 'Said by this build')
  let panel = await openPanel(page, 'Profile')
  await panel.getByRole('textbox', { name: 'Name' }).fill('Ada')
  await closePanel(page)
  await syncIs(page, 'synced')
  const cloud = await eventually(() => cloudOf(emulator, proxy))
  await eventually(async () => (await cloud.list('/config')).length === 2)

  const [chat] = await cloud.list('/chats')
  const chatPath = `/chats/${chat.name.split('/').at(-1)}`
  const [message] = await cloud.list(`${chatPath}/messages`)
  await cloud.commit([
    ['/config/settings', withText(await cloud.read('/config/settings'), 'theme', 'dark')],
    ['/config/profile', withText(await cloud.read('/config/profile'), 'name', 'Named by a newer build')],
    [chatPath, withText(chat.fields, 'title', 'A newer title')],
    [`${chatPath}/messages/m${'b'.repeat(26)}`, withText(withText(message.fields, 're', message.name.split('/').at(-1)), 'body', 'Said by a newer build')],
  ])
  const [settings, name, title] = [await cloud.read('/config/settings'), await cloud.read('/config/profile'), await cloud.read(chatPath)]

  // all of it is shown
  panel = await openPanel(page, 'Cloud Sync')
  await panel.getByRole('button', { name: 'Sync now' }).click()
  await closePanel(page)
  await eventually(async () => (await texts(page)).join() === 'Said by this build,Said by a newer build')
  await page.getByRole('banner').getByText('A newer title').waitFor()
  await page.locator('html[data-theme=dark]').waitFor()

  // what is changed goes back to what it was, and one is told why
  const told = page.getByRole('alert').getByText(/made by a newer version of Muse Chat; reload/)
  const tellsOnce = async (change) => {
    await change()
    await told.waitFor()
    await page.getByRole('button', { name: 'Close notice' }).click()
    await told.waitFor({ state: 'detached' })
  }
  panel = await openPanel(page, 'Profile')
  const field = panel.getByRole('textbox', { name: 'Name' })
  await tellsOnce(() => field.fill('Changed here'))
  assert.equal(await field.inputValue(), 'Named by a newer build')
  assert.equal(await panel.getByText('Saved', { exact: true }).count(), 0)
  await closePanel(page)
  panel = await openPanel(page, 'Settings')
  await tellsOnce(() => panel.getByRole('radio', { name: /Light/ }).click())
  assert.ok(await panel.getByRole('radio', { name: /Dark/ }).isChecked())
  await closePanel(page)
  panel = await openPanel(page, 'History')
  await tellsOnce(() => panel.getByRole('button', { name: 'Pin: A newer title' }).click())
  await panel.getByRole('button', { name: 'Pin: A newer title' }).waitFor()
  // a chat is deleted whole or not at all
  await tellsOnce(() => panel.getByRole('button', { name: 'Delete: A newer title' }).click())
  await closePanel(page)
  assert.equal((await texts(page)).length, 2)

  // one can go on, and nothing of the newer build's was written
  await send(page, 'Said after it')
  await eventually(async () => (await cloud.list(`${chatPath}/messages`)).length === 3)
  await syncIs(page, 'synced')
  assert.deepEqual(await cloud.read('/config/settings'), settings)
  assert.deepEqual(await cloud.read('/config/profile'), name)
  const after = await cloud.read(chatPath)
  assert.deepEqual([after.v, after.f, after.t], [title.v, title.f, title.t])
  await page.reload()
  await eventually(async () => (await texts(page)).join() === 'Said by this build,Said by a newer build,Said after it')
  await page.getByRole('banner').getByText('A newer title').waitFor()
})

// The app on one device, without any cloud: what a person does first, and what must survive.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, chooseModel, closePanel, composer, messages, open, openPanel, send, texts } from './app.mjs'
import { cleanUp, eventually, newProfile, startApp, startReplay } from './harness.mjs'

async function useEndpoint(page, url) {
  await chooseModel(page, /OpenAI/)
  const settings = await openPanel(page, 'Settings')
  await settings.getByRole('textbox', { name: 'Base URL' }).fill(url)
  await settings.getByLabel('API key').fill('sk-SENTINEL-1234567890')
  await settings.getByRole('combobox', { name: 'Model' }).fill('any')
  await closePanel(page)
}

test('a chat on a first start is there after a reload, and nothing leaves the page', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await page.getByText('Start a conversation with Muse').waitFor()
  await send(page, 'Hello from the first start')
  await answered(page)
  const before = await texts(page)
  assert.equal(before.length, 2)
  assert.match(before[1], /demo/)
  const address = page.url()
  assert.match(address, /#\/chat\/c[a-z2-7]{26}$/)
  await page.reload()
  await eventually(async () => (await texts(page)).length === 2)
  assert.deepEqual(await texts(page), before)
  assert.equal(page.url(), address)
  assert.deepEqual(profile.requestsLeaving(app.url), [])
  assert.deepEqual(profile.errors.filter((text) => !text.includes('config.json')), [])
})

test('with the network gone the app still chats and keeps everything', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await profile.context.setOffline(true)
  await send(page, 'Said without a network')
  await answered(page)
  await profile.context.setOffline(false)
  await page.reload()
  await messages(page).filter({ hasText: 'Said without a network' }).first().waitFor()
})

test('a killed browser loses neither the messages nor the draft nor the half-streamed answer', async (t) => {
  const replay = cleanUp(t, await startReplay())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  replay.play('llama-server/chat_stream_usage', { speed: 1 })
  let page = await open(profile, app.url)
  await useEndpoint(page, `${replay.url}/v1`)
  await send(page, 'Tell me something long')
  await page.locator('.live-reply-text').waitFor()
  await composer(page).fill('typed and not sent')
  // what has arrived is saved every second
  await page.waitForTimeout(2_500)
  const address = page.url()
  await profile.kill9()
  await profile.reopen()
  // as the browser restores its tabs after a crash
  page = await open(profile, address)
  await messages(page).filter({ hasText: 'Tell me something long' }).first().waitFor()
  await page.locator('.message-tag').filter({ hasText: 'Interrupted' }).waitFor()
  assert.equal((await texts(page)).length, 2)
  assert.ok((await texts(page))[1].length > 0)
  assert.equal(await composer(page).inputValue(), 'typed and not sent')
})

test('chats are renamed, deleted, brought back, and listed newest first', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await send(page, 'First chat')
  await answered(page)
  await page.keyboard.press('Control+Shift+O')
  await page.getByText('Start a conversation with Muse').waitFor()
  await send(page, 'Second chat')
  await answered(page)
  const history = await openPanel(page, 'History')
  const titles = () => history.locator('.history-row .history-title').allTextContents()
  await eventually(async () => (await titles()).join() === 'Second chat,First chat')
  await history.getByRole('button', { name: /Delete.*First chat/ }).click()
  await eventually(async () => (await titles()).join() === 'Second chat')
  await page.getByRole('button', { name: 'Undo' }).click()
  await eventually(async () => (await titles()).length === 2)
  await closePanel(page)
  await page.goBack()
  await messages(page).filter({ hasText: 'First chat' }).first().waitFor()
})

test('speaking on the open page of a deleted chat begins it anew', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await send(page, 'To be deleted')
  await answered(page)
  const history = await openPanel(page, 'History')
  await history.getByRole('button', { name: /Delete.*To be deleted/ }).click()
  await eventually(async () => (await history.locator('.history-row').count()) === 0)
  await closePanel(page)
  await send(page, 'A second life')
  await answered(page)
  await page.reload()
  await eventually(async () => (await texts(page)).length === 2)
  const again = await openPanel(page, 'History')
  assert.deepEqual(await again.locator('.history-row .history-title').allTextContents(), ['A second life'])
})

test('stop keeps what has arrived, regenerate keeps the older answer', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await send(page, 'Please go on and on')
  await page.locator('.live-reply-text').filter({ hasText: 'demo' }).waitFor()
  await page.getByRole('button', { name: 'Stop the reply' }).click()
  await page.locator('.message-tag').filter({ hasText: 'Stopped' }).waitFor()
  assert.match((await texts(page))[1], /demo/)
  await messages(page).last().hover()
  await page.getByRole('button', { name: 'Regenerate answer' }).click()
  await page.getByText('2/2').waitFor()
  await answered(page)
})

test('a stored row that cannot be read is said so, set aside, and costs nothing else', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await send(page, 'This row will be torn')
  await answered(page)
  await page.evaluate(async () => {
    const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)))
    const database = await done(indexedDB.open('muse'))
    const rows = database.transaction('rows', 'readwrite').objectStore('rows')
    const keys = await done(rows.getAllKeys(IDBKeyRange.bound('m/', 'm/\uffff')))
    for (const key of keys) {
      const row = await done(rows.get(key))
      if (row.v.includes('This row will be torn') && row.v.includes('"user"')) {
        await done(rows.put({ ...row, v: row.v.slice(0, -9) }, key))
      }
    }
    database.close()
  })
  await page.reload()
  await page.getByText('could not be read').first().waitFor()
  await eventually(async () => (await texts(page)).length === 1)
  const dialog = await openPanel(page, 'Debug')
  await eventually(async () => /Set aside as unreadable\s+1/.test(await dialog.innerText()))
})

test('values of version 1.2.9 are taken over once', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await profile.page()
  await page.goto(new URL('manifest.webmanifest', app.url).href)
  await page.evaluate(() => {
    localStorage.setItem('museSettings', JSON.stringify({ theme: 'dark', model: 'off', storage: 'firestore' }))
    localStorage.setItem('museUserProfile', JSON.stringify({ name: 'Ada', bio: 'Engines', avatar: '🦉' }))
    const said = [
      { id: '1', sender: 'user', text: 'An old question', timestamp: 1_700_000_000_000 },
      { id: '2', sender: 'bot', text: 'An old answer', timestamp: 1_700_000_001_000 },
    ]
    localStorage.setItem('museChatHistory', JSON.stringify(said))
  })
  for (const _ of ['first start', 'second start']) {
    await page.goto(app.url)
    await composer(page).waitFor()
    const history = await openPanel(page, 'History')
    await history.locator('.history-row').first().waitFor()
    assert.equal(await history.locator('.history-row').count(), 1)
    await closePanel(page)
  }
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
  const settings = await openPanel(page, 'Profile')
  assert.equal(await settings.getByRole('textbox', { name: 'Name' }).inputValue(), 'Ada')
  assert.deepEqual(profile.requestsLeaving(app.url), [])
})

test('an OpenAI-compatible endpoint streams, and its errors say what to do', async (t) => {
  const replay = cleanUp(t, await startReplay())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  replay.play('llama-server/chat_stream_utf8')
  const page = await open(profile, app.url)
  await chooseModel(page, /OpenAI/)
  const settings = await openPanel(page, 'Settings')
  await settings.getByRole('textbox', { name: 'Base URL' }).fill('localhost:11434')
  await settings.getByText('The address must start with https://').waitFor()
  await closePanel(page)
  await useEndpoint(page, `${replay.url}/v1`)
  await send(page, 'Say something in many scripts')
  await answered(page)
  const answer = (await texts(page))[1]
  assert.ok(answer.length > 10, answer)
  assert.ok(replay.requests.at(-1).body.includes('Say something in many scripts'))
  replay.play('documented/openai_err_401')
  await send(page, 'And now with a wrong key')
  await page.getByRole('alert').filter({ hasText: /key/i }).waitFor()
  const shown = await page.locator('body').innerText()
  assert.ok(!shown.includes('SENTINEL'))
})

// What was deleted can be brought back, also after a reload; on all devices it then is what it was.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, closePanel, messages, open, openPanel, send, texts } from './app.mjs'
import { cleanUp, eventually, newProfile, startApp } from './harness.mjs'

test('a deleted chat and a deleted message come back after a reload, and can be deleted for good', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await send(page, 'Keep me in mind')
  await answered(page)
  const said = await texts(page)
  let history = await openPanel(page, 'History')
  assert.equal(await history.locator('.trash').count(), 0, 'nothing was deleted yet')
  await history.getByRole('button', { name: 'Delete: Keep me in mind' }).click()
  await history.locator('.trash summary').filter({ hasText: 'Deleted (1)' }).waitFor()

  await closePanel(page)
  await page.reload()
  history = await openPanel(page, 'History')
  await history.getByText('No chats yet').waitFor()
  await history.locator('.trash summary').click()
  await history.getByText('Chat with 2 messages, 30 days left').waitFor()
  await history.getByRole('button', { name: 'Bring back: Keep me in mind' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await eventually(async () => (await texts(page)).length === 2)
  assert.deepEqual(await texts(page), said)
  history = await openPanel(page, 'History')
  assert.equal(await history.locator('.trash').count(), 0, 'what came back is not deleted any more')
  await closePanel(page)

  await messages(page).first().hover()
  await messages(page).first().getByRole('button', { name: 'Delete message' }).click()
  await eventually(async () => (await texts(page)).length === 1)
  history = await openPanel(page, 'History')
  await history.locator('.trash summary').click()
  await history.getByRole('button', { name: 'Bring back: Keep me in mind' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await eventually(async () => (await texts(page)).length === 2)
  assert.deepEqual(await texts(page), said)

  history = await openPanel(page, 'History')
  await history.getByRole('button', { name: 'Delete: Keep me in mind' }).click()
  await history.locator('.trash summary').click()
  await history.getByRole('button', { name: 'Empty now' }).click()
  await history.getByRole('button', { name: 'Delete for good' }).click()
  await history.locator('.trash').waitFor({ state: 'detached' })
  await closePanel(page)
  // an app without a config.json looks for one
  assert.deepEqual(profile.errors.filter((error) => !error.includes('config.json')), [])
})

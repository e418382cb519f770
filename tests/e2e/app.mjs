// What a user does in the app, for the end-to-end tests: by role and name, as a person finds things.

import { eventually } from './harness.mjs'

/** Opens a page of the app and waits until it can be written to. */
export async function open(profile, url) {
  const page = await profile.page(url)
  await composer(page).waitFor()
  return page
}

export const composer = (page) => page.getByRole('textbox', { name: 'Message', exact: true })
export const messages = (page) => page.getByRole('log').getByRole('article')

/** Sends a message and waits until it is in the transcript, which means that it is on the device. */
export async function send(page, text) {
  await composer(page).fill(text)
  await composer(page).press('Enter')
  await messages(page).filter({ hasText: text }).first().waitFor()
}

/** Waits until the answer to what was just sent is complete: the last message is the model's, and none is being made. */
export async function answered(page) {
  await page.locator('.message-last.message-muse:not(.live-reply)').waitFor()
  await page.locator('.live-reply').waitFor({ state: 'detached' })
}

/** Opens one of the modals of the sidebar. */
export async function openPanel(page, name) {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name, exact: true }).click()
  const dialog = page.getByRole('dialog', { name })
  await dialog.waitFor()
  return dialog
}

export async function closePanel(page) {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

/** Makes a space and returns its pairing code. */
export async function createSpace(page) {
  const dialog = await openPanel(page, 'Cloud Sync')
  await dialog.getByRole('button', { name: 'Create a space' }).click()
  await dialog.getByRole('button', { name: 'Create and copy' }).click()
  await dialog.getByRole('button', { name: 'Reveal code' }).click()
  const code = await dialog.locator('.space-code code').textContent()
  await closePanel(page)
  return code
}

export async function joinSpace(page, code) {
  const dialog = await openPanel(page, 'Cloud Sync')
  await dialog.getByRole('textbox', { name: 'Pairing code' }).fill(code)
  await dialog.getByRole('button', { name: 'Join with a code' }).click()
  await dialog.getByRole('button', { name: 'Join and put together' }).click()
  await dialog.getByRole('button', { name: 'Sync now' }).waitFor()
  await closePanel(page)
}

/** Waits until the sync indicator shows this state: off, local, syncing, synced, offline or attention. */
export async function syncIs(page, state, timeout = 60_000) {
  // on a phone it is in the menu
  await page.locator(`.sync-indicator .sync-${state}`).first().waitFor({ state: 'attached', timeout })
}

/** The texts of the transcript, in order. */
export const texts = (page) => messages(page).locator('.message-bubble').allTextContents()

/** Chooses the model in the settings. */
export async function chooseModel(page, name) {
  const dialog = await openPanel(page, 'Settings')
  await tick(dialog.getByRole('radio', { name }))
  await closePanel(page)
}

/** Turns a control on. What was clicked shows its new state once it is stored, which `check()` does not wait for. */
export async function tick(control) {
  await control.click()
  await eventually(() => control.isChecked())
}

/** An API key that must be found nowhere. */
export const CANARY = 'sk-CANARY-0123456789abcdef'

/** Points a source at a server, as a person would. */
export async function useSource(page, name, url, { key = CANARY, model = 'some-model' } = {}) {
  const settings = await openPanel(page, 'Settings')
  await tick(settings.getByRole('radio', { name }))
  const fields = settings.locator('.source-fields')
  const address = fields.getByRole('textbox', { name: 'Base URL' })
  if (!(await address.isVisible())) await fields.getByText('Another address').click()
  await address.fill(url)
  await address.blur()
  if (key) {
    await fields.getByLabel('API key').fill(key)
    await fields.getByLabel('API key').blur()
    await fields.getByText(/A key that ends in/).waitFor()
  }
  await fields.getByRole('combobox', { name: 'Model' }).fill(model)
  await closePanel(page)
}

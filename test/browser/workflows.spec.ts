import { expect, expectAccessible, expectNoSidewaysScroll, test, type Page } from './console.js';

/** The editor's text. */
const yaml = (page: Page) => page.getByRole('textbox', { name: 'Definition in YAML' });
const node = (page: Page, id: string) => page.locator(`[data-node="${id}"]`);
const valid = (page: Page) => page.getByRole('region', { name: 'Check' }).getByText('Valid');

test('a flow is built from the palette, connected, saved and run to its end', async ({ openConsole }) => {
  const page = await openConsole('/workflows/new');
  // Both views come a moment after the page.
  await expect(yaml(page)).toBeVisible();
  await expect(page.locator('.react-flow__pane')).toBeAttached();
  await page.getByRole('button', { name: 'Add transform' }).click();
  await page.getByRole('textbox', { name: 'Expression' }).fill('input.name + "!"');
  // Let go of the first node: the second one does not go behind it by itself.
  await page.locator('.react-flow__pane').click({ position: { x: 8, y: 8 } });
  await page.getByRole('button', { name: 'Add echo' }).click();
  await page.locator('.react-flow__pane').click({ position: { x: 8, y: 8 } });
  await expect(yaml(page)).toContainText('id: echo');
  await expect(page.locator('.react-flow__edge')).toHaveCount(0);

  const from = node(page, 'transform').locator('.react-flow__handle.source');
  await from.dragTo(node(page, 'echo').locator('.react-flow__handle.target'));
  await expect(page.locator('.react-flow__edge')).toHaveCount(1);
  await expect(yaml(page)).toContainText('depends_on: [transform]');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('.react-flow__edge')).toHaveCount(0);
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect(valid(page)).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'my-workflow' })).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Ada');
  await page.getByRole('button', { name: 'Start the run' }).click();
  await expect(page).toHaveURL(/\/runs\//);
  await openConsole('/workflows/my-workflow?tab=runs');
  await expect(page.locator('[data-status="completed"]')).toBeVisible();
});

test('what is wrong is shown at its line', async ({ openConsole }) => {
  const page = await openConsole('/workflows/new');
  await yaml(page).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(
    'name: broken\nnodes:\n  - id: a\n    type: transform\n    depends_on: [nobody]\n    config: { value: 1 }\n',
  );
  const check = page.getByRole('region', { name: 'Check' });
  const problem = check.getByRole('button', { name: /nobody/ });
  await expect(problem).toContainText('line 5');
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
  await problem.click();
  await expect(page.locator('.cm-activeLine')).toContainText('depends_on');
  await yaml(page).click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.insertText('output: [');
  await expect(check.getByText('line 7').first()).toBeVisible();
  // The graph stays as it was last understood.
  await expect(node(page, 'a')).toBeVisible();
});

test('two versions are compared, and a save over a newer one is asked about', async ({ openConsole, baton }) => {
  const definition = (value: string) => ({ name: 'compared', nodes: [{ id: 'only', type: 'transform', config: { value } }] });
  await baton.call('POST', '/api/v1/workflows', definition('first'));
  await baton.call('POST', '/api/v1/workflows', definition('second'));
  const page = await openConsole('/workflows/compared?tab=versions');
  const diff = page.getByRole('region', { name: 'What changed from version 1 to version 2' });
  await expect(diff.locator('tr[data-kind="removed"]')).toContainText('value: first');
  await expect(diff.locator('tr[data-kind="added"]')).toContainText('value: second');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(yaml(page)).toContainText('value: second');
  await baton.call('POST', '/api/v1/workflows', definition('third'));
  await yaml(page).click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.insertText('description: Mine.\n');
  await expect(valid(page)).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: /Version 3 of compared/ });
  await expect(dialog.locator('tr[data-kind="removed"]').first()).toContainText('value: third');
  await dialog.getByRole('button', { name: 'Save mine as version 4' }).click();
  await expect(page.getByText('Version 4 of 4', { exact: false })).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a node is added and named', async ({ openConsole }) => {
    const page = await openConsole('/workflows/new?from=fan-out');
    await page.getByRole('button', { name: 'Add a node' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add wait' }).click();
    await expect(node(page, 'wait')).toBeVisible();
    await page.getByText('YAML and node').click();
    await page.getByRole('textbox', { name: 'Id' }).fill('pause');
    await page.getByRole('textbox', { name: 'Id' }).press('Enter');
    await page.getByText('Graph', { exact: true }).click();
    await expect(node(page, 'pause')).toBeVisible();
    await expectNoSidewaysScroll(page);
  });
});

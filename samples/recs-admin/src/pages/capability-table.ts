import type { AdapterReport, BootReport, CapabilityReport } from '@vecport/core';
import { type Html, html } from './html.js';

/** Every adapter with what it can do, and why it cannot do the rest. */
export function capabilityTable({ adapters }: BootReport): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Providers and capabilities"><table>
<thead><tr><th scope="col">Adapter</th><th scope="col">State</th><th scope="col">Capability</th><th scope="col">Here</th></tr></thead>
<tbody>
${adapters.map((adapter) => adapterRows(adapter))}</tbody>
</table></div>`;
}

function adapterRows(adapter: AdapterReport): Html {
  const { name, version, state, reason, capabilities } = adapter;
  const span = Math.max(1, capabilities.length);
  const head = html`<th scope="row" rowspan="${span}">${name} <span class="muted">${version}</span></th><td rowspan="${span}">${state}${
    reason === undefined ? '' : html`<br><span class="muted">${reason}</span>`
  }</td>`;
  if (capabilities.length === 0) return html`<tr>${head}<td>–</td><td>not known</td></tr>\n`;
  return html`${capabilities.map((capability, at) => html`<tr>${at === 0 ? head : ''}${capabilityCells(capability)}</tr>\n`)}`;
}

function capabilityCells({ capability, state, reason, alternatives }: CapabilityReport): Html {
  const marks = { present: '✓ yes', absent: '✗ no', unknown: '? unknown' } as const;
  const others =
    alternatives === undefined || alternatives.length === 0
      ? ''
      : ` Adapters here that can: ${alternatives.join(', ')}.`;
  return html`<td><code>${capability}</code></td><td class="${state}">${marks[state]}${
    reason === undefined ? '' : html`<br><span class="muted">${reason}${others}</span>`
  }</td>`;
}

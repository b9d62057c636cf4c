import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium: that of `CHROMIUM_PATH`, or the one that is installed. Whoever launched it closes it. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error('There is no Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM_PATH.');
  }
  // As root, Chromium has no sandbox of its own; nothing but the application under test is opened.
  const args = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath, args, chromiumSandbox: process.getuid?.() !== 0 });
}

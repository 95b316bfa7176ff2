/**
 * Runs first, and is small: it asks at once for all that the first screen needs, the app, the words and who is there. One after the other
 * that would be a journey each, of a second on a bad line.
 */
import '@mantine/core/styles.css';
import './app.css';
import { askEarly } from './api/session.js';
import { loadWords } from './i18n/i18n.js';
import { BASE, DOORS } from './screens.js';

const isAtDoor = Object.values(DOORS).some(({ path }) => location.pathname === BASE + path);
if (!isAtDoor) askEarly();
try {
  const [{ render }] = await Promise.all([import('./main.js'), loadWords()]);
  render();
} catch (error) {
  // There may be no words, and nothing else that could say it.
  const place = document.getElementById('app');
  place?.setAttribute('role', 'alert');
  place?.append('Sankofa could not be loaded. Reload the page. / Sankofa n’a pas pu être chargé. Rechargez la page.');
  throw error;
}

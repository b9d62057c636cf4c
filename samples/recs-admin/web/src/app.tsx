import { useEffect, useRef } from 'react';
import { Link, Route, Switch, useLocation, useSearch } from 'wouter';
import { ask } from './api/ask.js';
import { useAnswer } from './api/use-answer.js';
import { useJobs } from './api/use-jobs.js';
import { ClusterPage } from './pages/cluster-page.js';
import { DatasetPage } from './pages/dataset-page.js';
import { DatasetsPage } from './pages/datasets-page.js';
import { ItemPage } from './pages/item-page.js';
import { JobsPage } from './pages/jobs-page.js';
import { MapPage } from './pages/map-page.js';
import { MovePage } from './pages/move-page.js';
import { ProvidersPage } from './pages/providers-page.js';
import { SearchPage } from './pages/search-page.js';
import { SignInPage } from './pages/sign-in-page.js';
import { ThemeSwitch } from './parts/theme-switch.js';
import { Waiting } from './parts/waiting.js';

const VIEWS = [
  ['/', 'Search'],
  ['/map', 'Map'],
  ['/providers', 'Providers'],
  ['/datasets', 'Datasets'],
  ['/move', 'Move vectors'],
  ['/jobs', 'Jobs'],
] as const;
const CLUSTER = ['/cluster', 'Cluster'] as const;

/** The dashboard, for those who may see it. */
export function App(): React.ReactNode {
  const session = useAnswer<{ readonly required: boolean; readonly signedIn: boolean }>('/session');
  return (
    <Waiting answer={session}>
      {({ signedIn, required }) =>
        signedIn ? <Dashboard mayLeave={required} /> : <SignInPage onSignedIn={session.again} />
      }
    </Waiting>
  );
}

/** Navigation, and the view the address names. */
function Dashboard({ mayLeave }: { readonly mayLeave: boolean }): React.JSX.Element {
  const jobs = useJobs();
  const cluster = useAnswer<{ readonly configured: boolean }>('/admin/cluster');
  const views = cluster.value?.configured === true ? [...VIEWS, CLUSTER] : VIEWS;
  const [path] = useLocation();
  const query = useSearch();
  const running = jobs.jobs?.filter(({ status }) => status === 'running').length ?? 0;
  // An item's page is another view than that of the next one; a search is not.
  const view = path === '/items' ? `${path}?${query}` : path;
  const shown = useRef(view);
  useEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    // Another view is read from its beginning, also by a screen reader.
    document.getElementById('main')?.focus();
    window.scrollTo(0, 0);
  }, [view]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header>
        <Link className="home" href="/">
          <span aria-hidden="true">🧭</span> Recs admin
        </Link>
        <nav aria-label="Views">
          {views.map(([href, name]) => (
            <Link key={href} href={href} aria-current={isCurrent(path, href) ? 'page' : undefined}>
              {name}
              {href === '/jobs' && running > 0 && <span className="badge">{running} running</span>}
            </Link>
          ))}
        </nav>
        <ThemeSwitch />
        {mayLeave && (
          <button
            type="button"
            onClick={() => void ask('/session', { method: 'DELETE' }).then(() => location.reload())}
          >
            Sign out
          </button>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        {jobs.problem !== undefined && <p role="alert">{jobs.problem}</p>}
        <Switch>
          <Route path="/">
            <SearchPage />
          </Route>
          <Route path="/items">
            <ItemPage />
          </Route>
          <Route path="/map">
            <MapPage />
          </Route>
          <Route path="/providers">
            <ProvidersPage />
          </Route>
          <Route path="/datasets">
            <DatasetsPage jobs={jobs} />
          </Route>
          <Route path="/datasets/:name">{({ name }) => <DatasetPage name={name} jobs={jobs} />}</Route>
          <Route path="/move">
            <MovePage jobs={jobs} />
          </Route>
          <Route path="/cluster">
            <ClusterPage />
          </Route>
          <Route path="/jobs">
            <JobsPage jobs={jobs} />
          </Route>
          <Route>
            <h1>There is nothing here</h1>
            <p>
              <Link href="/">Go to the search</Link>
            </p>
          </Route>
        </Switch>
      </main>
      <footer className="muted">Emoji: emojibase-data 17.0.0 (MIT). Embeddings: all-MiniLM-L6-v2.</footer>
    </>
  );
}

function isCurrent(path: string, href: string): boolean {
  return href === '/' ? path === '/' || path === '/items' : path === href || path.startsWith(`${href}/`);
}

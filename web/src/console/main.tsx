import { render } from 'preact';

render(<p>Parley console</p>, document.getElementById('console')!);

import { PageTitle } from './page-title.tsx';

export function NothingHere() {
  return <PageTitle title="There is nothing here" about="Choose a page from the menu." />;
}

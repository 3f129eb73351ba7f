/** What a type of app means, for a person who has to choose one. */
export const TYPE_TEXTS: Readonly<Record<string, string>> = {
  python3_sync: 'WSGI (Flask, Django, Bottle): one request at a time in each worker',
  python2_sync: 'WSGI in Python 2, for code that was not moved to 3',
  aiohttp: 'asyncio with aiohttp: many requests at a time',
  gunicorn3_sync: 'WSGI under gunicorn: older, python3_sync does the same',
  gunicorn2_sync: 'WSGI in Python 2 under gunicorn: older',
  gunicorn3_asyncio: 'aiohttp under gunicorn: older, aiohttp does the same',
}

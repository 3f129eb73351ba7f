"""The debugger in the browser, for apps with debug=1. It is Werkzeug's: the plugin's own, or else the framework's."""

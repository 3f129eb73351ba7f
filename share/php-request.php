<?php
// Runs before each script. nginx alone writes this header: with debug=1, only who may debug reads the errors.
if (getenv('MFSERV_CURRENT_APP_DEBUG') === '1' && ($_SERVER['HTTP_X_MFSERV_DEBUG'] ?? '') === '1') {
    ini_set('display_errors', '1');
}
// php-fpm says the path behind the script alone. It belongs there when the URL names the script, and only then.
if (isset($_SERVER['PATH_INFO'], $_SERVER['SCRIPT_NAME'])) {
    $isNamed = strncmp("{$_SERVER['DOCUMENT_URI']}/", "{$_SERVER['SCRIPT_NAME']}/", strlen($_SERVER['SCRIPT_NAME']) + 1) === 0;
    $_SERVER['PHP_SELF'] = $_SERVER['SCRIPT_NAME'] . ($isNamed ? $_SERVER['PATH_INFO'] : '');
    unset($isNamed);
}
// No header can be this: nginx names the prefix of a mounted app by it.
if (isset($_SERVER['MFSERV_PREFIX'])) {
    require __DIR__ . '/php-mounted.php';
}

<?php
// Runs before each script. nginx alone writes this header: with debug=1, only who may debug reads the errors.
if (getenv('MFSERV_CURRENT_APP_DEBUG') === '1' && ($_SERVER['HTTP_X_MFSERV_DEBUG'] ?? '') === '1') {
    ini_set('display_errors', '1');
}
// No header can be this: nginx names the prefix of a mounted app by it.
if (isset($_SERVER['MFSERV_PREFIX'])) {
    require __DIR__ . '/php-mounted.php';
}

<?php
// Runs before each script. It asks by getenv: a file in which $_SERVER is named has PHP fill that array, script or no script.
// nginx alone writes this header: with debug=1, only who may debug reads the errors.
if (getenv('HTTP_X_MFSERV_DEBUG') === '1' && getenv('MFSERV_CURRENT_APP_DEBUG') === '1') {
    ini_set('display_errors', '1');
}
// A script that ends in an error says for which request: what PHP itself writes about it has no id.
register_shutdown_function(static function (): void {
    $error = error_get_last();
    if ($error !== null && ($error['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_RECOVERABLE_ERROR)) !== 0) {
        (require __DIR__ . '/php-failed.php')($error);
    }
});
// php-fpm says the path behind the script alone. It belongs there when the URL names the script, and only then.
if (getenv('PATH_INFO') !== false) {
    require __DIR__ . '/php-self.php';
}
// No header can be this: nginx names the prefix of a mounted app by it.
if (getenv('MFSERV_PREFIX') !== false) {
    require __DIR__ . '/php-mounted.php';
}

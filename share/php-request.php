<?php
// Runs before each script. nginx alone writes this header: with debug=1, only who may debug reads the errors.
if (getenv('MFSERV_CURRENT_APP_DEBUG') === '1' && ($_SERVER['HTTP_X_MFSERV_DEBUG'] ?? '') === '1') {
    ini_set('display_errors', '1');
}
// A script that ends in an error says for which request: what PHP itself writes about it has no id.
if (isset($_SERVER['HTTP_X_REQUEST_ID'])) {
    register_shutdown_function(static function (string $id): void {
        $error = error_get_last();
        if ($error === null || ($error['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_RECOVERABLE_ERROR)) === 0) {
            return;
        }
        $what = strtok($error['message'], "\n");
        $time = (new DateTimeImmutable('now', new DateTimeZone('UTC')))->format('Y-m-d\TH:i:s.u\Z');
        $place = strpos($what, $error['file']) === false ? " in {$error['file']}:{$error['line']}" : '';
        $asked = ($_SERVER['REQUEST_METHOD'] ?? '') . ' ' . ($_SERVER['REQUEST_URI'] ?? '');
        $line = sprintf('%s    [ERROR] (mfserv.php#%d) %s failed: %s%s', $time, getmypid(), $asked, $what, $place);
        $line = preg_replace_callback('/[^\x20-\x7e]/', static fn (array $byte): string => sprintf('\x%02x', ord($byte[0])), $line);
        file_put_contents('php://stderr', "$line {request_id=$id}\n");
    }, preg_replace('/[^\x21-\x7c]/', '', $_SERVER['HTTP_X_REQUEST_ID']));
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

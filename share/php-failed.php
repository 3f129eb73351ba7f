<?php
// Writes a line about the error that ended a script, with the id of its request.
return static function (array $error): void {
    $id = preg_replace('/[^\x21-\x7c]/', '', (string) getenv('HTTP_X_REQUEST_ID'));
    if ($id === '') {
        return;
    }
    $what = strtok($error['message'], "\n");
    $time = (new DateTimeImmutable('now', new DateTimeZone('UTC')))->format('Y-m-d\TH:i:s.u\Z');
    $place = strpos($what, $error['file']) === false ? " in {$error['file']}:{$error['line']}" : '';
    $asked = getenv('REQUEST_METHOD') . ' ' . getenv('REQUEST_URI');
    $line = sprintf('%s    [ERROR] (mfserv.php#%d) %s failed: %s%s', $time, getmypid(), $asked, $what, $place);
    $line = preg_replace_callback('/[^\x20-\x7e]/', static fn (array $byte): string => sprintf('\x%02x', ord($byte[0])), $line);
    file_put_contents('php://stderr', "$line {request_id=$id}\n");
};

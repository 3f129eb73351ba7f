<?php
if (isset($_SERVER['PATH_INFO'], $_SERVER['SCRIPT_NAME'])) {
    $isNamed = strncmp("{$_SERVER['DOCUMENT_URI']}/", "{$_SERVER['SCRIPT_NAME']}/", strlen($_SERVER['SCRIPT_NAME']) + 1) === 0;
    $_SERVER['PHP_SELF'] = $_SERVER['SCRIPT_NAME'] . ($isNamed ? $_SERVER['PATH_INFO'] : '');
    unset($isNamed);
}

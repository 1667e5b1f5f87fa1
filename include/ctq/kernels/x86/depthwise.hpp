#pragma once
// stub
// stub
